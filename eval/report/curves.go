package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"crossbatch/eval/report/chart"
)

// section is a part of a report.
type section struct {
	ID, Title, Text string
	Figures         []*chart.Figure
	Tables          []table
	Pictures        []picture
	Drawn           template.HTML // that has a program of its own
}

// table is rows of cells with a heading.
type table struct {
	Caption string
	Header  []string
	Rows    [][]string
	Left    int    // so many columns are words, the others numbers
	Strong  []bool // rows to be seen first
}

// byMemory are the scores against the memory's size, with a curve for each batch
// size.
func (c *Collection) byMemory() []*chart.Figure { return c.against(memoryKey, batchKey) }

// byBatch are the scores against the batch size, with a curve for each memory.
func (c *Collection) byBatch() []*chart.Figure { return c.against(batchKey, memoryKey) }

// against are the scores against a key, with a curve for each value of another, or
// where that does not vary, of the first that does.
func (c *Collection) against(key, other string) []*chart.Figure {
	x, by := c.axis(key), c.axis(other)
	if x < 0 {
		return nil
	}
	if by < 0 {
		by = slices.IndexFunc(c.Axes, func(a Axis) bool { return a.Key != key })
	}
	return c.curves(x, by)
}

// byOther are the scores against the other axes that are numbers, with a curve for each
// memory, or else each batch size, and once more with one for each loss.
func (c *Collection) byOther() (figures []*chart.Figure) {
	for _, a := range c.Axes {
		if a.Key == memoryKey || a.Key == batchKey || !numeric(a.Values) {
			continue
		}
		other := memoryKey
		if c.axis(memoryKey) < 0 {
			other = batchKey
		}
		loss := c.axis(lossKey)
		if loss < 0 || c.axis(other) >= 0 {
			figures = append(figures, c.against(a.Key, other)...)
		}
		if loss >= 0 {
			figures = append(figures, c.against(a.Key, lossKey)...)
		}
	}
	return figures
}

func numeric(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { _, err := strconv.ParseFloat(v, 64); return err != nil })
}

// curves are a figure for each score and each panel: against the axis x, a curve
// for each value of the axis by, which may be -1 for a single one.
func (c *Collection) curves(x, by int) (figures []*chart.Figure) {
	for _, n := range scored() {
		low, high := c.span(n)
		for _, panel := range c.panels(x, by) {
			cells := c.of(panel, x, by)
			name := c.panelName(panel, x, by)
			l := chart.Lines{
				Name: slug(n.key, "by", c.Axes[x].Key, name), Title: strings.TrimSuffix(n.name+" by "+axisTitle(c.Axes[x].Key)+", "+name, ", "),
				X: c.xAxis(x, cells), Y: chart.Axis{Label: n.name + ", %", Min: low, Max: high}, Points: true,
			}
			positions := map[string]bool{}
			for i, value := range c.curveValues(by) {
				s := chart.Series{Color: i}
				if by >= 0 {
					s.Name = c.Axes[by].Key + " " + shown(value)
				}
				for _, cell := range cells {
					if by >= 0 && cell.Values[by] != value {
						continue
					}
					mean, half := cell.interval(n)
					at := c.position(x, cell)
					positions[fmt.Sprint(at)] = true
					s.Points = append(s.Points, chart.Point{X: at, Y: mean, Half: half,
						Tip: c.name(cell) + ": " + meanHalf(mean, half) + " %"})
				}
				if len(s.Points) > 0 {
					l.Series = append(l.Series, s)
				}
			}
			if len(positions) < 2 {
				continue
			}
			l.Desc = describe(l)
			figures = append(figures, l.Figure())
		}
	}
	return figures
}

func (c *Collection) curveValues(by int) []string {
	if by < 0 {
		return []string{""}
	}
	return c.Axes[by].Values
}

// panelName says which values a panel has, of the axes but those drawn.
func (c *Collection) panelName(panel *Cell, but ...int) string {
	var keys []string
	for _, i := range but {
		if i >= 0 {
			keys = append(keys, c.Axes[i].Key)
		}
	}
	return c.name(panel, keys...)
}

// span is the range that all panels of a score share, so that they compare.
func (c *Collection) span(n number) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, cell := range c.Cells {
		mean, half := cell.interval(n)
		if math.IsNaN(half) {
			half = 0
		}
		low, high = min(low, max(0, mean-half)), max(high, min(100, mean+half))
	}
	return chart.Round(low, high)
}

// position is where a cell stands along an axis: a memory by its rows.
func (c *Collection) position(axis int, cell *Cell) float64 {
	if c.Axes[axis].Key == memoryKey {
		return float64(cell.rows())
	}
	x, err := strconv.ParseFloat(cell.Values[axis], 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// xAxis has a tick for each value; sizes, and other numbers that span much, are
// spaced by their logarithm.
func (c *Collection) xAxis(axis int, cells []*Cell) chart.Axis {
	a := chart.Axis{Label: axisTitle(c.Axes[axis].Key)}
	low, high := math.Inf(1), math.Inf(-1)
	for _, cell := range cells {
		at := c.position(axis, cell)
		label := shown(cell.Values[axis])
		if c.Axes[axis].Key == memoryKey && strings.ContainsAny(label, "%.") {
			label += "\n" + chart.Thousands(strconv.Itoa(cell.rows()))
		} else if !strings.ContainsAny(label, ".e") {
			label = chart.Thousands(label)
		}
		if !slices.ContainsFunc(a.Ticks, func(t chart.Tick) bool { return t.At == at }) {
			a.Ticks = append(a.Ticks, chart.Tick{At: at, Label: label})
		}
		if at > 0 {
			low = min(low, at)
		}
		high = max(high, at)
	}
	slices.SortFunc(a.Ticks, func(s, t chart.Tick) int { return int(math.Copysign(1, s.At-t.At)) })
	switch c.Axes[axis].Key {
	case memoryKey:
		a.Log, a.Label = true, "memory, rows"
	case batchKey:
		a.Log, a.Label = true, "batch, images a step"
	default:
		a.Log = high/low >= 20
	}
	return a
}

func axisTitle(key string) string {
	switch key {
	case memoryKey:
		return "memory size"
	case batchKey:
		return "batch size"
	}
	return key
}

// describe tells a figure's points in words.
func describe(l chart.Lines) string {
	var parts []string
	for _, s := range l.Series {
		var points []string
		for _, p := range s.Points {
			points = append(points, p.Tip)
		}
		parts = append(parts, strings.Join(points, "; "))
	}
	return l.Title + ". Mean, with the 95 % interval over seeds. " + strings.Join(parts, ". ") + "."
}

// slug makes a file's name of words.
func slug(parts ...string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.Join(parts, "-")) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.':
			b.WriteRune(r)
		case r == '%':
			b.WriteString("pct")
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-.")
}
