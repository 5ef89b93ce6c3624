package report

import (
	"fmt"
	"path/filepath"
	"strings"

	"crossbatch/eval/record"
)

// scores are all cells with their means and intervals.
func (c *Collection) scores() table {
	t := table{Caption: "Scores of the test classes in percent: mean over " + strings.Replace(c.over(), " (", " ± half of the 95 % interval (", 1)}
	for _, a := range c.Axes {
		t.Header = append(t.Header, a.Key)
	}
	if len(c.Axes) == 0 {
		t.Header = []string{"setting"}
	}
	also := c.also()
	t.Left = len(t.Header)
	t.Header = append(t.Header, also...)
	t.Header = append(t.Header, c.repetitions(), "recall@1", "MAP@R", "R-precision", "MAP@R of validation", "seconds of training", "MiB of rows")
	best := c.bestCell(c.Cells)
	for _, cell := range c.Cells {
		row := c.cellNames(cell)
		for _, key := range also {
			row = append(row, c.shared(cell, key))
		}
		row = append(row, fmt.Sprint(len(cell.Runs)))
		for _, n := range scored() {
			row = append(row, cell.plusMinus(n))
		}
		row = append(row,
			cell.plusMinus(number{of: func(o *record.Outcome) float64 { return o.Test.RPrecision }}),
			cell.plusMinus(validated()),
			small(mean(cell, seconds)), small(float64(memoryBytes(cell))/(1<<20)))
		t.Rows, t.Strong = append(t.Rows, row), append(t.Strong, cell == best && len(c.Cells) > 1)
	}
	return t
}

// cellNames are the cell's values, a memory that is a share with its rows.
func (c *Collection) cellNames(cell *Cell) (names []string) {
	for i, a := range c.Axes {
		name := shown(cell.Values[i])
		if a.Key == memoryKey && name != fmt.Sprint(cell.rows()) {
			name += fmt.Sprintf(" (%d)", cell.rows())
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		names = []string{"all runs"}
	}
	return names
}

// shared is a value of all runs of a cell, or that there are several.
func (c *Collection) shared(cell *Cell, key string) string {
	for _, r := range cell.Runs {
		if r.config[key] != cell.config(key) {
			return several
		}
	}
	return shown(cell.config(key))
}

// comparisons are the differences of one axis.
func (c *Collection) comparisons(axis int) (table, bool) {
	base, ok := c.base(axis)
	if !ok {
		return table{}, false
	}
	t := table{
		Caption: fmt.Sprintf("Differences to %s %s, all else the same, in points of percent: mean of the pairs of one seed ± half of the 95 %% interval", c.Axes[axis].Key, shown(base)),
		Header:  []string{"setting", "pairs"}, Left: 1,
	}
	var all [][]Difference
	for _, n := range scored() {
		all = append(all, c.differences(axis, n))
		t.Header = append(t.Header, n.name, "beyond its interval", "within a point")
	}
	for i, d := range all[0] {
		row := []string{c.rowName(d.Cell), fmt.Sprint(d.Pairs)}
		strong := false
		for k := range all {
			d := all[k][i]
			row = append(row, d.String(), d.verdict(), d.Equality)
			strong = strong || d.Beyond()
		}
		t.Rows, t.Strong = append(t.Rows, row), append(t.Strong, strong)
	}
	return t, len(t.Rows) > 0
}

func (d Difference) verdict() string {
	switch {
	case d.Pairs < 2:
		return "one seed"
	case !d.Beyond():
		return "no"
	case d.Mean > 0:
		return "yes, gains"
	}
	return "yes, loses"
}

// priceList is what memories cost.
func (c *Collection) priceList() (table, bool) {
	t := table{
		Caption: "Cost and gain of a memory over the same batch without",
		Header: []string{"setting", "recall@1 gained", "seconds of training", "more than without", "s a point",
			"MiB of rows", "MiB a point", "peak MiB of the process", "images/s"},
		Left: 1,
	}
	for _, k := range c.costs() {
		t.Rows = append(t.Rows, []string{
			c.rowName(k.cell), k.gain.String(), small(k.seconds), fmt.Sprintf("%+.3g", k.extraSeconds), k.aPoint(k.extraSeconds, "%.2g"),
			small(k.memoryMiB), k.aPoint(k.memoryMiB, "%.2g"), small(k.peakMiB), small(k.imagesASecond),
		})
	}
	return t, len(t.Rows) > 0
}

// runList is every run with its scores and the command that makes it again.
func (c *Collection) runList() table {
	t := table{Caption: "Every run, with the command that makes it again", Header: []string{"run", "seed", "recall@1", "MAP@R", "command"}, Left: 1}
	for _, r := range c.Runs {
		t.Rows = append(t.Rows, []string{
			r.Name, r.config[seedKey], fmt.Sprintf("%.2f", 100*recallAt(r.Outcome.Test.Scores, 1)), fmt.Sprintf("%.2f", 100*r.Outcome.Test.MAPAtR),
			"xbm train --config " + quote(filepath.Join(r.Name, record.ConfigFile)) + " --baseline=false",
		})
	}
	return t
}

// commandList is the command of each cell.
func (c *Collection) commandList() (commands [][2]string) {
	for _, cell := range c.Cells {
		name := c.name(cell)
		if name == "" {
			name = "all runs"
		}
		commands = append(commands, [2]string{name, c.cellCommand(cell)})
	}
	return commands
}
