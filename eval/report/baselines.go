package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/eval/fewshot"
	"crossbatch/eval/record"
)

// baselineSample is baselines, and the split of the classes that each is of.
type baselineSample struct {
	all    []record.Baseline
	splits []string
}

func (s *baselineSample) add(b record.Baseline, r *Run) {
	s.all, s.splits = append(s.all, b), append(s.splits, r.config[splitSeedKey])
}

// baselines are what the test classes come to without training, beside the setting
// that validation prefers; false where no run has them.
func (c *Collection) baselines() (table, bool) {
	over := "seeds"
	if c.severalSplits() {
		over = "splits of the classes and seeds"
	}
	t := table{
		Caption: "Test classes in percent: mean over " + over + " ± half of the 95 % interval. The last three columns are the share that simple classifiers get right, which learnt from half of each class",
		Header:  []string{"by", "data", "numbers an image", c.repetitions(), "recall@1", "MAP@R", "R-precision", "k-NN", "nearest centroid", "linear"}, Left: 2,
	}
	var order []string
	samples, seen := map[string]*baselineSample{}, map[string]bool{}
	for _, r := range c.Runs {
		for _, b := range r.Outcome.Baselines {
			group := strings.Join([]string{b.Name, r.config["data"], fmt.Sprint(b.Dim)}, "\x00")
			// Runs that differ in their memory alone have the same.
			if once := group + fmt.Sprint(b.Test, b.Classifiers != nil); !seen[once] {
				seen[once] = true
				if samples[group] == nil {
					order, samples[group] = append(order, group), new(baselineSample)
				}
				samples[group].add(b, r)
			}
		}
	}
	if len(order) == 0 {
		return t, false
	}
	for _, group := range order {
		t.Rows = append(t.Rows, append(strings.Split(group, "\x00"), samples[group].cells()...))
	}
	best := c.bestCell(c.Cells)
	var trained, features baselineSample
	for _, r := range best.Runs {
		if f := r.Outcome.Features; f != nil {
			features.add(*f, r)
		}
		trained.add(record.Baseline{Test: r.Outcome.Test.Scores, Classifiers: r.Outcome.Classifiers}, r)
	}
	name := "training"
	if of := c.name(best); of != "" {
		name += ": " + of
	}
	t.Rows = append(t.Rows, append([]string{name, best.config("data"), best.config("dim")}, trained.cells()...))
	t.Strong = append(make([]bool, len(order)), true)
	if len(features.all) > 0 {
		t.Rows = append(t.Rows, append([]string{name + ", without the head", best.config("data"), fmt.Sprint(features.all[0].Dim)}, features.cells()...))
		t.Strong = append(t.Strong, false)
	}
	return t, true
}

// cells are the numbers of a row.
func (s *baselineSample) cells() []string {
	cells := []string{fmt.Sprint(len(s.all))}
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
		for _, b := range s.all {
			sample = append(sample, 100*of(b))
		}
		if slices.ContainsFunc(sample, math.IsNaN) {
			sample = nil
		}
		cells = append(cells, meanHalf(overSplits(sample, s.splits)))
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
