package report

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// equalWithin is the difference, in points of percent, under which two scores are equal
// for all that a report says of it.
const equalWithin = 1

// Difference is how much better a cell is than another that differs from it in
// one value, in points of percent: the mean of the differences of runs with the
// same seed, and half of its 95 % interval by Student's t. Runs of one seed start
// from the same weights, and at one batch size see the same batches, so that the
// differences scatter less than the scores.
type Difference struct {
	Cell, Base *Cell
	Key        string  // of the axis that they differ in
	Number     string  // the score that differs
	Mean, Half float64 // Half is NaN of fewer than two pairs
	Pairs      int     // runs of one seed that were compared

	// Equality says whether the scores are equal within a point: equivalent, different,
	// or undecided; "–" of a single pair.
	Equality string
}

// equivalent is the word for what is equal within a point.
const equivalent = "equivalent"

// Beyond reports whether the interval leaves zero out.
func (d Difference) Beyond() bool { return math.Abs(d.Mean) > d.Half }

// String is the mean with its sign and, where it has one, the half of its interval.
func (d Difference) String() string { return signed(d.Mean, d.Half) }

// paired are the differences of a measure between the runs of two cells that have
// the same seed, and the splits of the classes that they are on.
func paired(a, b *Cell, of func(*record.Outcome) float64) (all []float64, splits []string) {
	for _, r := range a.Runs {
		for _, s := range b.Runs {
			if r.repetition == s.repetition {
				all, splits = append(all, of(r.Outcome)-of(s.Outcome)), append(splits, r.config[splitSeedKey])
			}
		}
	}
	return all, splits
}

// equality says whether differences, in points of percent, are zero within a point: those
// of seeds, or of several splits the splits' means. They are equivalent where both
// one-sided tests say so at 5 %, and different where the 95 % interval lies beyond a point.
func equality(sample []float64, splits []string) string {
	if groups := bySplit(sample, splits); len(groups) > 1 {
		sample = nil
		for _, g := range groups {
			sample = append(sample, stat.Mean(g, nil))
		}
	}
	mean, half := eval.Interval(sample)
	switch {
	case math.IsNaN(half):
		return "–"
	case eval.Equivalent(sample, equalWithin).Within():
		return equivalent
	case math.Abs(mean)-half > equalWithin:
		return "different"
	}
	return "undecided"
}

// base is the value of an axis that the others are compared with: no memory, or
// the first. ok is false where there is no sense in that.
func (c *Collection) base(axis int) (value string, ok bool) {
	a := c.Axes[axis]
	if len(a.Values) < 2 || a.Key == batchKey {
		return "", false
	}
	if a.Key == memoryKey {
		for _, cell := range c.Cells {
			if cell.rows() == 0 && cell.config(memoryKey) == cell.Values[axis] {
				return cell.Values[axis], true
			}
		}
	}
	return a.Values[0], true
}

// Differences compares every cell with that which has no memory and is otherwise
// the same, or, for other axes, has their first value. Batch sizes are not
// compared: a larger batch sees more images, or makes fewer steps.
func (c *Collection) differences(axis int, n number) (all []Difference) {
	base, ok := c.base(axis)
	if !ok {
		return nil
	}
	for _, cell := range c.Cells {
		if cell.Values[axis] == base {
			continue
		}
		other := c.find(cell, axis, base)
		if other == nil {
			continue
		}
		sample, splits := paired(cell, other, func(o *record.Outcome) float64 { return 100 * n.of(o) })
		if len(sample) == 0 {
			continue
		}
		d := Difference{Cell: cell, Base: other, Key: c.Axes[axis].Key, Number: n.name, Pairs: len(sample)}
		d.Mean, d.Half = overSplits(sample, splits)
		d.Equality = equality(sample, splits)
		all = append(all, d)
	}
	return all
}
