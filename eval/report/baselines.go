package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/eval/fewshot"
	"crossbatch/eval/record"
	"crossbatch/eval/report/chart"
)

// baselineSample is baselines, and the split of the classes that each is of.
type baselineSample struct {
	all    []record.Baseline
	splits []string
}

func (s *baselineSample) add(b record.Baseline, r *Run) {
	s.all, s.splits = append(s.all, b), append(s.splits, r.config[splitSeedKey])
}

// baselineRow is what the test classes come to by one thing, trained or not.
type baselineRow struct {
	names  []string // what, on which data, with how many numbers an image
	sample *baselineSample
	strong bool
}

// baselineRows are what needs no training, and then the setting that validation
// prefers; none where no run has baselines.
func (c *Collection) baselineRows() (rows []baselineRow) {
	samples, seen := map[string]*baselineSample{}, map[string]bool{}
	for _, r := range c.Runs {
		for _, b := range r.Outcome.Baselines {
			names := []string{b.Name, r.config["data"], fmt.Sprint(b.Dim)}
			group := strings.Join(names, "\x00")
			// Runs that differ in their memory alone have the same.
			if once := group + fmt.Sprint(b.Test, b.Classifiers != nil); !seen[once] {
				seen[once] = true
				if samples[group] == nil {
					samples[group] = new(baselineSample)
					rows = append(rows, baselineRow{names: names, sample: samples[group]})
				}
				samples[group].add(b, r)
			}
		}
	}
	if len(rows) == 0 {
		return nil
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
	rows = append(rows, baselineRow{[]string{name, best.config("data"), best.config("dim")}, &trained, true})
	if len(features.all) > 0 {
		rows = append(rows, baselineRow{[]string{name + ", without the head", best.config("data"), fmt.Sprint(features.all[0].Dim)}, &features, false})
	}
	return rows
}

// baselines are those rows as a table; false where there are none.
func (c *Collection) baselines() (table, bool) {
	over := "seeds"
	if c.severalSplits() {
		over = "splits of the classes and seeds"
	}
	t := table{
		Caption: "Test classes in percent: mean over " + over + " ± half of the 95 % interval. The last columns are the share that simple classifiers get right, which learnt from half of each class; EasyTL sees all queries at once, the others one at a time",
		Header:  []string{"by", "data", "numbers an image", c.repetitions(), "recall@1", "MAP@R", "R-precision"}, Left: 2,
	}
	for _, of := range classifiers() {
		t.Header = append(t.Header, of.name)
	}
	for _, row := range c.baselineRows() {
		t.Rows, t.Strong = append(t.Rows, append(slices.Clone(row.names), row.sample.cells()...)), append(t.Strong, row.strong)
	}
	return t, len(t.Rows) > 0
}

// classified are the simple classifiers of the same rows as a figure for each set.
func (c *Collection) classified() (figures []*chart.Figure) {
	rows := c.baselineRows()
	var sets []string
	for _, row := range rows {
		if !slices.Contains(sets, row.names[1]) {
			sets = append(sets, row.names[1])
		}
	}
	for _, set := range sets {
		name, _, _ := strings.Cut(set, ":")
		f := chart.Forest{Name: slug("classifiers", name), Title: "Simple classifiers on frozen embeddings, " + name, Label: "right of the test images, %, mean and 95 % interval"}
		var words []string
		for _, row := range rows {
			if row.names[1] != set {
				continue
			}
			var of []chart.ForestRow
			for i, by := range classifiers() {
				if mean, half := row.sample.interval(by.of); !math.IsNaN(mean) {
					of = append(of, chart.ForestRow{Name: by.name, Value: mean, Half: half, Text: meanHalf(mean, half), Series: i})
					words = append(words, row.names[0]+", "+by.name+": "+meanHalf(mean, half))
				}
			}
			if len(of) > 0 {
				f.Rows = append(append(f.Rows, chart.ForestRow{Name: row.names[0], Heading: true}), of...)
			}
		}
		if len(f.Rows) > 0 {
			f.Desc = f.Title + ". " + strings.Join(words, "; ") + "."
			figures = append(figures, f.Figure())
		}
	}
	return figures
}

// cells are the numbers of a row.
func (s *baselineSample) cells() []string {
	cells := []string{fmt.Sprint(len(s.all))}
	for _, of := range []func(record.Baseline) float64{
		func(b record.Baseline) float64 { return recallAt(b.Test, 1) },
		func(b record.Baseline) float64 { return b.Test.MAPAtR },
		func(b record.Baseline) float64 { return b.Test.RPrecision },
	} {
		cells = append(cells, meanHalf(s.interval(of)))
	}
	for _, c := range classifiers() {
		cells = append(cells, meanHalf(s.interval(c.of)))
	}
	return cells
}

// interval is the mean of a share in percent with half of its interval; NaN where one of
// the baselines has none.
func (s *baselineSample) interval(of func(record.Baseline) float64) (mean, half float64) {
	var sample []float64
	for _, b := range s.all {
		sample = append(sample, 100*of(b))
	}
	if slices.ContainsFunc(sample, math.IsNaN) {
		sample = nil
	}
	return overSplits(sample, s.splits)
}

// classifier is a simple classifier of embeddings.
type classifier struct {
	name string
	of   func(record.Baseline) float64 // the share that it gets right; NaN: not known
}

func classifiers() []classifier {
	of := func(share func(*fewshot.Scores) float64) func(record.Baseline) float64 {
		return func(b record.Baseline) float64 {
			if b.Classifiers == nil {
				return math.NaN()
			}
			return share(b.Classifiers)
		}
	}
	return []classifier{
		{"k-NN", of(func(f *fewshot.Scores) float64 { return f.Neighbors })},
		{"nearest centroid", of(func(f *fewshot.Scores) float64 { return f.Centroid })},
		{"linear", of(func(f *fewshot.Scores) float64 { return f.Linear })},
		{"EasyTL", of(func(f *fewshot.Scores) float64 {
			if f.EasyTL == nil {
				return math.NaN()
			}
			return *f.EasyTL
		})},
	}
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
