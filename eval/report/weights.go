package report

import (
	"errors"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"crossbatch/eval/event"
	"crossbatch/xbm/pair"
)

// The picture's measures.
const (
	weightsWidth  = 11 * vg.Inch
	weightsHeight = 8 * vg.Inch
	weightsDPI    = 100
)

// Weights writes a PNG of how the weights of pairs lie over similarity and age,
// and of how they went over the steps.
func Weights(w io.Writer, title string, looks []event.Inspection) error {
	if len(looks) == 0 {
		return errors.New("report: weights: there are no looks")
	}
	rows := [][]*plot.Plot{{bySimilarity(looks), effective(looks)}}
	if last := looks[len(looks)-1]; last.Memory != nil {
		ages, err := byAge(last)
		if err != nil {
			return fmt.Errorf("report: weights: %w", err)
		}
		rows = append(rows, []*plot.Plot{ages, fromMemory(looks)})
	}
	rows[0][0].Title.Text = title + "\n\n" + rows[0][0].Title.Text
	rows[0][1].Title.Text = "\n\n" + rows[0][1].Title.Text
	canvas := vgimg.NewWith(vgimg.UseWH(weightsWidth, weightsHeight/2*vg.Length(len(rows))), vgimg.UseDPI(weightsDPI))
	tiles := draw.Tiles{Rows: len(rows), Cols: 2, PadTop: 12, PadBottom: 12, PadLeft: 12, PadRight: 16, PadX: 28, PadY: 24}
	for r, line := range plot.Align(rows, tiles, draw.New(canvas)) {
		for c, place := range line {
			rows[r][c].Draw(place)
		}
	}
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

func panel(title, x, y string) *plot.Plot {
	_, ink, _, _, _ := colors()
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Color, p.Title.Padding = ink, 6
	p.Legend.Top, p.Legend.Padding = true, 3
	p.Add(plotter.NewGrid())
	return p
}

// curve adds a line; dashed ones are earlier.
func curve(p *plot.Plot, name string, points plotter.XYs, c color.Color, dashed bool) {
	l := &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: c, Width: vg.Points(1.6)}}
	if dashed {
		l.Dashes, l.Width = []vg.Length{vg.Points(4), vg.Points(3)}, vg.Points(1.1)
	}
	p.Add(l)
	if name != "" {
		p.Legend.Add(name, l)
	}
}

// bySimilarity shows the last look, and, dashed, the first of the same term.
func bySimilarity(looks []event.Inspection) *plot.Plot {
	_, _, _, right, wrong := colors()
	last := looks[len(looks)-1]
	term, of := "the memory term", func(l event.Inspection) *pair.Weights { return l.Memory }
	if last.Memory == nil {
		term, of = "the batch", func(l event.Inspection) *pair.Weights { return l.Batch }
	}
	p := panel("Weights by similarity, "+term, "cosine similarity of the pair", "share of all |w|")
	for _, l := range looks {
		if w := of(l); w != nil && l.Step != last.Step && sum(w.Positives)+sum(w.Negatives) > 0 {
			shares(p, of(l), fmt.Sprintf(", step %d", l.Step), right, wrong, true)
			break
		}
	}
	shares(p, of(last), fmt.Sprintf(", step %d", last.Step), right, wrong, false)
	p.X.Min, p.X.Max, p.Y.Min = -1, 1, 0
	p.Legend.Left = true
	return p
}

// shares adds the two histograms of a look.
func shares(p *plot.Plot, w *pair.Weights, when string, right, wrong color.Color, dashed bool) {
	total := sum(w.Positives) + sum(w.Negatives)
	if total == 0 {
		total = 1
	}
	steps := func(bins []float64) (points plotter.XYs) {
		width := 2 / float64(len(bins))
		for k, x := range bins {
			at := -1 + width*float64(k)
			points = append(points, plotter.XY{X: at, Y: x / total}, plotter.XY{X: at + width, Y: x / total})
		}
		return points
	}
	curve(p, "positives"+when, steps(w.Positives), right, dashed)
	curve(p, "negatives"+when, steps(w.Negatives), wrong, dashed)
}

func sum(xs []float64) (total float64) {
	for _, x := range xs {
		total += x
	}
	return total
}

func effective(looks []event.Inspection) *plot.Plot {
	_, _, plain, _, wrong := colors()
	p := panel("Effective negatives of an anchor", "step", "(Σ|w|)² / Σw²")
	var batch, memory plotter.XYs
	for _, l := range looks {
		if l.Batch != nil {
			batch = append(batch, plotter.XY{X: float64(l.Step), Y: l.Batch.EffectiveNegatives})
		}
		if l.Memory != nil {
			memory = append(memory, plotter.XY{X: float64(l.Step), Y: l.Memory.EffectiveNegatives})
		}
	}
	if batch != nil {
		curve(p, "within the batch", batch, plain, false)
	}
	if memory != nil {
		curve(p, "in memory", memory, wrong, false)
	}
	p.Y.Min = 0
	p.Y.Max *= 1.3 // room for the legend
	return p
}

func byAge(l event.Inspection) (*plot.Plot, error) {
	_, _, _, right, _ := colors()
	p := panel(fmt.Sprintf("Weights by age of the memory's row, step %d", l.Step), "age in steps", "share of all |w|")
	shares, names := byAgeShares(l.Memory.Ages)
	values := plotter.Values(shares)
	bars, err := plotter.NewBarChart(values, vg.Points(22))
	if err != nil {
		return nil, err
	}
	bars.Color, bars.LineStyle.Width = right, 0
	p.Add(bars)
	p.NominalX(names...)
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = 0.6, draw.XRight, draw.YCenter
	p.Y.Min = 0
	return p, nil
}

// byAgeShares are the shares of the sums by age, up to the last that is not
// nothing, and the ages' names.
func byAgeShares(ages []float64) (shares []float64, names []string) {
	bins := len(ages)
	for len(ages) > 1 && ages[len(ages)-1] == 0 {
		ages = ages[:len(ages)-1]
	}
	total := max(sum(ages), 1e-300)
	for k, x := range ages {
		shares = append(shares, x/total)
		switch low := 1 << max(0, k-1); {
		case k < 2:
			names = append(names, fmt.Sprint(k))
		case k == bins-1:
			names = append(names, fmt.Sprintf("%d+", low))
		default:
			names = append(names, fmt.Sprintf("%d–%d", low, 2*low-1))
		}
	}
	return shares, names
}

func fromMemory(looks []event.Inspection) *plot.Plot {
	_, _, _, right, _ := colors()
	p := panel("Share of the gradient from past batches", "step", "")
	var points plotter.XYs
	for _, l := range looks {
		points = append(points, plotter.XY{X: float64(l.Step), Y: l.FromMemory})
	}
	curve(p, "", points, right, false)
	p.Y.Min, p.Y.Max = 0, 1
	return p
}
