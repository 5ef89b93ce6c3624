package report

import (
	"fmt"
	"math"
	"slices"

	"crossbatch/eval"
)

// Scores over several splits of the classes have two sources of scatter, which are shown
// apart.
const (
	nestedMethod   = "seeds nested in splits, Searle et al. 1992"
	sourcesCaption = "in percent, by source: the interval over splits and seeds; that over seeds on these very splits; standard deviation of splits, and of seeds within one"
)

// bySplit groups a sample by the split that each number is of, in order of first appearance.
func bySplit(sample []float64, splits []string) (groups [][]float64) {
	var seen []string
	for i, x := range sample {
		k := slices.Index(seen, splits[i])
		if k < 0 {
			k = len(seen)
			seen, groups = append(seen, splits[i]), append(groups, nil)
		}
		groups[k] = append(groups[k], x)
	}
	return groups
}

// overSplits is the mean of a sample with half of its 95 % interval: over splits and seeds
// where the numbers are of several splits, else over seeds.
func overSplits(sample []float64, splits []string) (mean, half float64) {
	if groups := bySplit(sample, splits); len(groups) > 1 {
		n := eval.NestedInterval(groups)
		return n.Mean, n.Half
	}
	return eval.Interval(sample)
}

// sourceNames are the columns of what is told of each source.
func sourceNames() []string {
	return []string{"splits × seeds", "mean", "± over both", "± over seeds", "deviation of splits", "of seeds"}
}

// sourceRow is those columns for one sample, in the unit of the sample times factor.
func sourceRow(groups [][]float64, factor float64) []string {
	n := eval.NestedInterval(groups)
	seeds := 0
	for _, g := range groups {
		seeds = max(seeds, len(g))
	}
	row := []string{fmt.Sprintf("%d × %d", len(groups), seeds)}
	for _, x := range []float64{n.Mean, n.Half, n.Within, n.Splits, n.Seeds} {
		text := "–"
		if !math.IsNaN(x) {
			text = fmt.Sprintf("%.1f", factor*x)
		}
		row = append(row, text)
	}
	return row
}

// sources are the lines that show the two sources of each cell.
func (s Study) sources() [][]string {
	lines := [][]string{append([]string{s.RowName + ", " + s.ColName}, sourceNames()...)}
	for i, row := range s.Rows {
		for j, column := range s.Columns {
			if len(s.Samples[i][j]) > 0 {
				groups := bySplit(s.Samples[i][j], s.Splits[i][j])
				lines = append(lines, append([]string{row + ", " + column}, sourceRow(groups, 100)...))
			}
		}
	}
	return lines
}

// splits says which split of the classes each run of the cell is of.
func (c *Cell) splits() (all []string) {
	for _, r := range c.Runs {
		all = append(all, r.config[splitSeedKey])
	}
	return all
}

// interval is the mean of a number of the cell's runs, in percent, with half of its interval.
func (c *Cell) interval(n number) (mean, half float64) { return overSplits(c.sample(n), c.splits()) }

// plusMinus is the same as text, to one decimal.
func (c *Cell) plusMinus(n number) string { return meanHalf(c.interval(n)) }

// severalSplits tells whether any cell has runs on several splits of the classes.
func (c *Collection) severalSplits() bool {
	return slices.ContainsFunc(c.Cells, func(cell *Cell) bool {
		return slices.ContainsFunc(cell.splits(), func(split string) bool { return split != cell.config(splitSeedKey) })
	})
}

// over is what means and intervals are over, and by what method.
func (c *Collection) over() string {
	if c.severalSplits() {
		return "splits of the classes and seeds (" + nestedMethod + ")"
	}
	return "seeds (Student's t)"
}

// repetitions is what the runs of a cell differ in.
func (c *Collection) repetitions() string {
	if c.severalSplits() {
		return "splits × seeds, runs"
	}
	return "seeds"
}

// sources are the sources of scatter of every cell, where any has several splits.
func (c *Collection) sources() (t table, ok bool) {
	if !c.severalSplits() {
		return t, false
	}
	t = table{Caption: "Test classes, " + sourcesCaption + " (" + nestedMethod + ")"}
	for _, a := range c.Axes {
		t.Header = append(t.Header, a.Key)
	}
	if len(c.Axes) == 0 {
		t.Header = []string{"setting"}
	}
	t.Header = append(t.Header, "score")
	t.Left = len(t.Header)
	t.Header = append(t.Header, sourceNames()...)
	for _, cell := range c.Cells {
		for _, n := range scored() {
			groups := bySplit(cell.sample(n), cell.splits())
			t.Rows, t.Strong = append(t.Rows, append(append(c.cellNames(cell), n.name), sourceRow(groups, 1)...)), append(t.Strong, false)
		}
	}
	return t, true
}
