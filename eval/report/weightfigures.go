package report

import (
	"fmt"
	"strings"

	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/eval/report/chart"
	"crossbatch/xbm/pair"
)

// weighings are the figures of how the weights of pairs lie, of the preferred
// setting: for each batch size the first run with the largest memory.
func (c *Collection) weighings() (figures []*chart.Figure, err error) {
	effective := chart.Lines{Name: "effective-negatives", Title: "Effective negatives of an anchor",
		X: chart.Axis{Label: "step"}, Y: chart.Axis{Label: "(Σ|w|)² / Σw²", Log: true}}
	share := chart.Lines{Name: "gradient-from-memory", Title: "Share of the gradient from past batches",
		X: chart.Axis{Label: "step"}, Y: chart.Axis{Label: "share", Min: 0, Max: 1}}
	for _, cells := range c.batches(c.preferred()) {
		cell := largest(cells)
		r := cell.Runs[0]
		looks, err := Looks(r.Dir)
		if err != nil {
			return nil, err
		}
		if len(looks) == 0 {
			continue
		}
		name := batchKey + " " + cell.config(batchKey)
		last := looks[len(looks)-1]
		w, term := last.Memory, "the memory"
		if w == nil {
			w, term = last.Batch, "the batch"
		}
		if w != nil && sum(w.Positives)+sum(w.Negatives) > 0 {
			figures = append(figures, bySimilarityFigure(w, term, cell, r, last.Step))
			if last.Memory != nil {
				figures = append(figures, byAgeFigure(w, cell, r, last.Step))
			}
		}
		batch := chart.Series{Name: name + ", within", Color: c.color(cell), Dashed: true}
		memory := chart.Series{Name: name + ", memory", Color: c.color(cell)}
		from := chart.Series{Name: name, Color: c.color(cell)}
		for _, l := range looks {
			at := float64(l.Step)
			if l.Batch != nil {
				batch.Points = append(batch.Points, chart.Point{X: at, Y: l.Batch.EffectiveNegatives})
			}
			if l.Memory != nil {
				memory.Points = append(memory.Points, chart.Point{X: at, Y: l.Memory.EffectiveNegatives})
			}
			from.Points = append(from.Points, chart.Point{X: at, Y: l.FromMemory})
		}
		for _, s := range []chart.Series{batch, memory} {
			if len(s.Points) > 0 {
				effective.Series = append(effective.Series, s)
			}
		}
		share.Series = append(share.Series, from)
	}
	return appendLines(appendLines(figures, effective), share), nil
}

// Looks are the looks at the weights of pairs that the metrics of the run folder dir
// tell of.
func Looks(dir string) (looks []event.Inspection, err error) {
	for e, err := range record.Metrics(dir) {
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if l, ok := e.(event.Inspection); ok {
			looks = append(looks, l)
		}
	}
	return looks, nil
}

func bySimilarityFigure(w *pair.Weights, term string, cell *Cell, r *Run, step int64) *chart.Figure {
	total := sum(w.Positives) + sum(w.Negatives)
	steps := func(name string, color int, bins []float64) chart.Series {
		s := chart.Series{Name: name, Color: color, Filled: true}
		width := 2 / float64(len(bins))
		for k, x := range bins {
			at := -1 + width*float64(k)
			s.Points = append(s.Points, chart.Point{X: at, Y: x / total}, chart.Point{X: at + width, Y: x / total})
		}
		return s
	}
	l := chart.Lines{
		Name:  slug("weights-by-similarity-batch", cell.config(batchKey)),
		Title: "Weights by similarity, batch " + cell.config(batchKey),
		X: chart.Axis{Label: "cosine similarity of the pair", Min: -1, Max: 1, Ticks: []chart.Tick{
			{At: -1, Label: "-1"}, {At: -0.5, Label: "-0.5"}, {At: 0, Label: "0"}, {At: 0.5, Label: "0.5"}, {At: 1, Label: "1"}}},
		Y:      chart.Axis{Label: "share of all |w|"},
		Series: []chart.Series{steps("positives", 0, w.Positives), steps("negatives", 1, w.Negatives)},
	}
	l.Desc = fmt.Sprintf("%s, against %s, memory %s. At step %d of the run with seed %s: positives have %.0f %% of the weight, with most of it near a similarity of %.2f, negatives near %.2f.",
		l.Title, term, cell.config(memoryKey), step, r.config[seedKey], 100*sum(w.Positives)/total, mode(w.Positives), mode(w.Negatives))
	return l.Figure()
}

// mode is the middle of the fullest bin of -1 to 1.
func mode(bins []float64) float64 {
	best := 0
	for k, x := range bins {
		if x > bins[best] {
			best = k
		}
	}
	return -1 + 2*(float64(best)+0.5)/float64(len(bins))
}

func byAgeFigure(w *pair.Weights, cell *Cell, r *Run, step int64) *chart.Figure {
	shares, names := byAgeShares(w.Ages)
	b := chart.Bars{
		Name:  slug("weights-by-age-batch", cell.config(batchKey)),
		Title: "Weights by age of the row, batch " + cell.config(batchKey),
		X:     chart.Axis{Label: "age in steps, from"}, Y: chart.Axis{Label: "share of all |w|"},
		Categories: firsts(names), Series: []chart.BarSeries{{Values: shares}},
	}
	b.Desc = fmt.Sprintf("%s, memory %s, at step %d of the run with seed %s.", b.Title, cell.config(memoryKey), step, r.config[seedKey])
	for k, x := range shares {
		b.Desc += fmt.Sprintf(" Age %s: %.0f %%.", names[k], 100*x)
	}
	return b.Figure()
}

// firsts are the lower ends of the ages' names.
func firsts(names []string) (all []string) {
	for _, name := range names {
		first, _, _ := strings.Cut(name, "–")
		all = append(all, strings.TrimSuffix(first, "+"))
	}
	return all
}
