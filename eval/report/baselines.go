package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/eval/fewshot"
	"crossbatch/eval/record"
)

// baselines are what the test classes come to without training, beside the setting
// that validation prefers; false where no run has them.
func (c *Collection) baselines() (table, bool) {
	t := table{
		Caption: "Test classes in percent: mean over seeds ± half of the 95 % interval. The last three columns are the share that simple classifiers get right, which learnt from half of each class",
		Header:  []string{"by", "data", "numbers an image", "seeds", "recall@1", "MAP@R", "R-precision", "k-NN", "nearest centroid", "linear"}, Left: 2,
	}
	var order []string
	samples, seen := map[string][]record.Baseline{}, map[string]bool{}
	for _, r := range c.Runs {
		for _, b := range r.Outcome.Baselines {
			group := strings.Join([]string{b.Name, r.config["data"], fmt.Sprint(b.Dim)}, "\x00")
			// Runs that differ in their memory alone have the same.
			if once := group + fmt.Sprint(b.Test, b.Classifiers != nil); !seen[once] {
				seen[once] = true
				if samples[group] == nil {
					order = append(order, group)
				}
				samples[group] = append(samples[group], b)
			}
		}
	}
	if len(order) == 0 {
		return t, false
	}
	for _, group := range order {
		all := samples[group]
		t.Rows = append(t.Rows, append(strings.Split(group, "\x00"), baselineCells(all)...))
	}
	best := c.bestCell(c.Cells)
	var trained, features []record.Baseline
	for _, r := range best.Runs {
		if f := r.Outcome.Features; f != nil {
			features = append(features, *f)
		}
		trained = append(trained, record.Baseline{Test: r.Outcome.Test.Scores, Classifiers: r.Outcome.Classifiers})
	}
	name := "training"
	if of := c.name(best); of != "" {
		name += ": " + of
	}
	t.Rows = append(t.Rows, append([]string{name, best.config("data"), best.config("dim")}, baselineCells(trained)...))
	t.Strong = append(make([]bool, len(order)), true)
	if len(features) > 0 {
		t.Rows = append(t.Rows, append([]string{name + ", without the head", best.config("data"), fmt.Sprint(features[0].Dim)}, baselineCells(features)...))
		t.Strong = append(t.Strong, false)
	}
	return t, true
}

// baselineCells are the numbers of a row.
func baselineCells(all []record.Baseline) []string {
	cells := []string{fmt.Sprint(len(all))}
	classifier := func(of func(*fewshot.Scores) float64) func(record.Baseline) float64 {
		return func(b record.Baseline) float64 {
			if b.Classifiers == nil {
				return math.NaN()
			}
			return of(b.Classifiers)
		}
	}
	for _, of := range []func(record.Baseline) float64{
		func(b record.Baseline) float64 { return recallAt(b.Test, 1) },
		func(b record.Baseline) float64 { return b.Test.MAPAtR },
		func(b record.Baseline) float64 { return b.Test.RPrecision },
		classifier(func(f *fewshot.Scores) float64 { return f.Neighbors }),
		classifier(func(f *fewshot.Scores) float64 { return f.Centroid }),
		classifier(func(f *fewshot.Scores) float64 { return f.Linear }),
	} {
		var sample []float64
		for _, b := range all {
			sample = append(sample, 100*of(b))
		}
		if slices.ContainsFunc(sample, math.IsNaN) {
			sample = nil
		}
		cells = append(cells, plusMinus(sample))
	}
	return cells
}

// baselineNotes say what stands for what in the baselines.
func (c *Collection) baselineNotes() string {
	text := "What needs no training, so that a gain is seen against something."
	var notes []string
	for _, r := range c.Runs {
		for _, b := range r.Outcome.Baselines {
			for _, note := range b.Notes {
				if note = b.Name + ": " + note; !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
			}
		}
	}
	if len(notes) > 0 {
		text += " " + strings.Join(notes, "; ") + "."
	}
	return text
}
