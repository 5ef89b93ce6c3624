package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/eval/report/chart"
)

// heats are the scores over memory × batch, one for each score and panel that
// has several of both.
func (c *Collection) heats() (figures []*chart.Figure) {
	memory, batch := c.axis(memoryKey), c.axis(batchKey)
	panels, _ := c.fields()
	for _, n := range scored() {
		for _, panel := range panels {
			name, cells := c.panelName(panel, memory, batch), c.of(panel, memory, batch)
			h := chart.Heat{
				Name: slug(n.key, "map", name), Title: strings.TrimSuffix(n.name+" by memory and batch, %, "+name, ", "),
				RowLabel: memoryKey, ColumnLabel: batchKey, Rows: c.values(memory, cells), Columns: c.values(batch, cells),
			}
			var words []string
			for _, row := range h.Rows {
				var values []float64
				var labels []string
				for _, column := range h.Columns {
					mean, text := math.NaN(), ""
					if cell := c.at(panel, memory, row, batch, column); cell != nil {
						var half float64
						mean, half = cell.interval(n)
						words = append(words, fmt.Sprintf("memory %s, batch %s: %s", row, column, meanHalf(mean, half)))
						text = fmt.Sprintf("%.1f", mean)
						if !math.IsNaN(half) {
							text += fmt.Sprintf("\n± %.1f", half)
						}
					}
					values, labels = append(values, mean), append(labels, text)
				}
				h.Values, h.Labels = append(h.Values, values), append(h.Labels, labels)
			}
			h.Desc = h.Title + ". " + strings.Join(words, "; ") + "."
			figures = append(figures, h.Figure())
		}
	}
	return figures
}

// at is the cell of a panel with these values of two axes, nil for none.
func (c *Collection) at(panel *Cell, i int, a string, j int, b string) *Cell {
	for _, cell := range c.of(panel, i, j) {
		if cell.Values[i] == a && cell.Values[j] == b {
			return cell
		}
	}
	return nil
}

// maxForest is how many rows a list of values has at most: more are a table's.
const maxForest = 60

// settings lists every cell's score, where other axes than memory and batch vary.
func (c *Collection) settings() (figures []*chart.Figure) {
	others := len(c.Axes)
	for _, key := range []string{memoryKey, batchKey} {
		if c.axis(key) >= 0 {
			others--
		}
	}
	if others == 0 || len(c.Cells) > maxForest {
		return nil
	}
	for _, n := range scored() {
		f := chart.Forest{Name: slug(n.key, "of-every-setting"), Title: n.name + " of every setting", Label: n.name + ", %, mean and 95 % interval"}
		var words []string
		heading := ""
		for _, cell := range c.Cells {
			mean, half := cell.interval(n)
			name, rest := c.rowName(cell), ""
			if others < len(c.Axes) {
				name, rest = c.memoryBatch(cell), c.rowName(cell, memoryKey, batchKey)
			}
			if rest != heading {
				f.Rows = append(f.Rows, chart.ForestRow{Name: rest, Heading: true})
				heading = rest
			}
			f.Rows = append(f.Rows, chart.ForestRow{Name: name, Value: mean, Half: half, Text: meanHalf(mean, half)})
			words = append(words, c.name(cell)+": "+meanHalf(mean, half))
		}
		f.Desc = f.Title + ". " + strings.Join(words, "; ") + "."
		figures = append(figures, f.Figure())
	}
	return figures
}

// memoryBatch is the cell's memory and batch, as far as they vary.
func (c *Collection) memoryBatch(cell *Cell) string {
	var parts []string
	for i, a := range c.Axes {
		if a.Key == memoryKey || a.Key == batchKey {
			parts = append(parts, a.Key+" "+cell.Values[i])
		}
	}
	return strings.Join(parts, ", ")
}

// rowName is a cell's name short enough for a row: words without their keys.
func (c *Collection) rowName(cell *Cell, but ...string) string {
	return c.join(cell, but, func(a Axis, value string) string {
		if a.Key == memoryKey || a.Key == batchKey || numeric(a.Values) {
			return a.Key + " " + value
		}
		return value
	})
}

// gains are the differences to the runs without memory, and to the first values
// of other axes, with a list for each score and axis.
func (c *Collection) gains() (figures []*chart.Figure) {
	for axis, a := range c.Axes {
		for _, n := range scored() {
			all := c.differences(axis, n)
			if len(all) == 0 || len(all) > maxForest {
				continue
			}
			// What is compared with one cell stands together.
			slices.SortStableFunc(all, func(d, e Difference) int {
				return slices.Index(c.Cells, d.Base) - slices.Index(c.Cells, e.Base)
			})
			base, _ := c.base(axis)
			f := chart.Forest{
				Name: slug(n.key, "gain-of", a.Key), Title: fmt.Sprintf("%s gained over %s %s", n.name, a.Key, shown(base)),
				Label: "points of percent, paired by seed, 95 % interval", Zero: true,
			}
			var words []string
			heading := ""
			for _, d := range all {
				if rest := c.rowName(d.Cell, a.Key); rest != heading {
					f.Rows = append(f.Rows, chart.ForestRow{Name: rest, Heading: true})
					heading = rest
				}
				f.Rows = append(f.Rows, chart.ForestRow{Name: a.Key + " " + shown(d.Cell.Values[axis]), Value: d.Mean, Half: d.Half, Text: d.String(), Series: gainSeries(d)})
				words = append(words, c.name(d.Cell)+": "+d.String())
			}
			f.Desc = f.Title + ", in points of percent: mean and 95 % interval of the differences of runs with the same seed; filled where the interval leaves zero out. " + strings.Join(words, "; ") + "."
			figures = append(figures, f.Figure())
		}
	}
	return figures
}

// gainSeries is the colour of a difference: a loss has the second.
func gainSeries(d Difference) int {
	if d.Mean < 0 {
		return 1
	}
	return 0
}

// prices are gains against what they cost.
func (c *Collection) prices() []*chart.Figure {
	costs := c.costs()
	if len(costs) == 0 {
		return nil
	}
	figure := func(name, title, label string, log bool, of func(cost) float64) *chart.Figure {
		l := chart.Lines{Name: name, Title: title, X: chart.Axis{Label: label, Log: log},
			Y: chart.Axis{Label: "recall@1 gained, points"}, Scatter: true, ZeroLine: true}
		batch := c.axis(batchKey)
		for i, value := range c.curveValues(batch) {
			s := chart.Series{Color: i}
			if batch >= 0 {
				s.Name = batchKey + " " + value
			}
			for _, k := range costs {
				if batch >= 0 && k.cell.Values[batch] != value {
					continue
				}
				s.Points = append(s.Points, chart.Point{X: of(k), Y: k.gain.Mean, Half: k.gain.Half, Label: k.cell.config(memoryKey),
					Tip: fmt.Sprintf("%s: %s points for %s %s", c.name(k.cell), k.gain, small(of(k)), label)})
			}
			if len(s.Points) > 0 {
				l.Series = append(l.Series, s)
			}
		}
		l.Desc = describe(l)
		return l.Figure()
	}
	return []*chart.Figure{
		figure("gain-by-seconds", "What a gain costs in time", "s of training more than without memory", false, func(k cost) float64 { return k.extraSeconds }),
		figure("gain-by-mib", "What a gain costs in room", "MiB of memory rows", true, func(k cost) float64 { return k.memoryMiB }),
	}
}

// small is a number to three digits.
func small(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	if a := math.Abs(x); a >= 100 {
		return chart.Thousands(fmt.Sprintf("%.0f", x))
	}
	return fmt.Sprintf("%.3g", x)
}
