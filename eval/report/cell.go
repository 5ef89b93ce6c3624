package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// number is one of the scores.
type number struct {
	key, name string
	of        func(*record.Outcome) float64 // a share from 0 to 1
}

// scored are the numbers that a report is about.
func scored() []number {
	return []number{
		{"recall-at-1", "recall@1", func(o *record.Outcome) float64 { return recallAt(o.Test.Scores, 1) }},
		{"map-at-r", "MAP@R", func(o *record.Outcome) float64 { return o.Test.MAPAtR }},
	}
}

// validated is what weights and settings are chosen by.
func validated() number {
	return number{"validation-map-at-r", "validation MAP@R", func(o *record.Outcome) float64 { return o.Validation.MAPAtR }}
}

func recallAt(s eval.Scores, k int) float64 {
	if share, ok := s.Recall.At(k); ok {
		return share
	}
	return math.NaN()
}

// sample is a number of every run of the cell, in percent.
func (c *Cell) sample(n number) []float64 {
	return c.measure(func(o *record.Outcome) float64 { return 100 * n.of(o) })
}

func (c *Cell) measure(of func(*record.Outcome) float64) []float64 {
	var all []float64
	for _, r := range c.Runs {
		all = append(all, of(r.Outcome))
	}
	return all
}

// rows is the memory's capacity.
func (c *Cell) rows() int { return c.Runs[0].Outcome.MemoryRows }

// config is a value of the configuration that all runs of the cell share.
func (c *Cell) config(key string) string { return c.Runs[0].config[key] }

// name says which values the cell has, of the axes but those left out.
func (c *Collection) name(cell *Cell, but ...string) string {
	return c.join(cell, but, func(a Axis, value string) string { return a.Key + " " + value })
}

// join is the cell's values as word has them. Those that are not set are not named,
// unless that is all there is to say.
func (c *Collection) join(cell *Cell, but []string, word func(a Axis, value string) string) string {
	var parts []string
	unset := false
	for i, a := range c.Axes {
		switch value := cell.Values[i]; {
		case slices.Contains(but, a.Key):
		case value == "":
			unset = true
		default:
			parts = append(parts, word(a, value))
		}
	}
	if unset && len(parts) == 0 {
		return "plain"
	}
	return strings.Join(parts, ", ")
}

// shown is a value as it is shown.
func shown(value string) string {
	if value == "" {
		return "–"
	}
	return value
}

// find is the cell with the values of another but for one axis; nil where there
// is none.
func (c *Collection) find(like *Cell, axis int, value string) *Cell {
	for _, cell := range c.Cells {
		if cell.Values[axis] != value {
			continue
		}
		same := true
		for i := range c.Axes {
			same = same && (i == axis || cell.Values[i] == like.Values[i])
		}
		if same {
			return cell
		}
	}
	return nil
}

// meanHalf is a mean with half the width of its interval, to one decimal.
func meanHalf(mean, half float64) string {
	switch {
	case math.IsNaN(mean):
		return "–"
	case math.IsNaN(half):
		return fmt.Sprintf("%.1f", mean+0)
	}
	return fmt.Sprintf("%.1f ± %.1f", mean, half)
}

// signed is the same of a difference.
func signed(mean, half float64) string {
	if math.IsNaN(mean) {
		return "–"
	}
	mean = math.Round(10*mean)/10 + 0 // no -0.0
	if math.IsNaN(half) {
		return fmt.Sprintf("%+.1f", mean)
	}
	return fmt.Sprintf("%+.1f ± %.1f", mean, half)
}

// panels are the combinations of values that there are of the axes but those left
// out: one cell of each, the first.
func (c *Collection) panels(but ...int) (all []*Cell) {
	seen := map[string]bool{}
	for _, cell := range c.Cells {
		id := ""
		for i := range c.Axes {
			if !slices.Contains(but, i) {
				id += cell.Values[i] + "\x00"
			}
		}
		if !seen[id] {
			seen[id] = true
			all = append(all, cell)
		}
	}
	return all
}

// of are the cells that have the values of a panel in all axes but those left out.
func (c *Collection) of(panel *Cell, but ...int) (all []*Cell) {
	for _, cell := range c.Cells {
		same := true
		for i := range c.Axes {
			same = same && (slices.Contains(but, i) || cell.Values[i] == panel.Values[i])
		}
		if same {
			all = append(all, cell)
		}
	}
	return all
}

// values are those of an axis that some of the cells take, ascending.
func (c *Collection) values(axis int, cells []*Cell) []string {
	return slices.DeleteFunc(slices.Clone(c.Axes[axis].Values), func(value string) bool {
		return !slices.ContainsFunc(cells, func(cell *Cell) bool { return cell.Values[axis] == value })
	})
}

// fields are the panels of memory × batch that have several values of each; ok
// says that no cell is outside of them.
func (c *Collection) fields() (panels []*Cell, ok bool) {
	memory, batch := c.axis(memoryKey), c.axis(batchKey)
	if memory < 0 || batch < 0 {
		return nil, false
	}
	ok = true
	for _, panel := range c.panels(memory, batch) {
		cells := c.of(panel, memory, batch)
		if len(c.values(memory, cells)) < 2 || len(c.values(batch, cells)) < 2 {
			ok = false
			continue
		}
		panels = append(panels, panel)
	}
	return panels, ok
}
