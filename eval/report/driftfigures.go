package report

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/drift"
	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/eval/report/chart"
)

// drifted is what the runs of a cell say about drift: each sample has a value of
// each run.
type drifted struct {
	over     map[int64]map[int64][]float64 // by lag, by step
	ages     map[int][]ageSample           // at the last look, by the power of two that the age is in
	gradient map[int64][]float64           // the gradient's error, by step
}

type ageSample struct{ age, err float64 }

// drift reads the metrics of a cell's runs. The values of different runs are
// together where they are of one step.
func (cell *Cell) drift() (drifted, error) {
	d := drifted{over: map[int64]map[int64][]float64{}, ages: map[int][]ageSample{}, gradient: map[int64][]float64{}}
	for _, r := range cell.Runs {
		var last []drift.AgeError
		for e, err := range record.Metrics(r.Dir) {
			if err != nil {
				return d, fmt.Errorf("report: %w", err)
			}
			l, ok := e.(event.Drift)
			if !ok {
				continue
			}
			for _, x := range l.Drift {
				if d.over[x.Delta] == nil {
					d.over[x.Delta] = map[int64][]float64{}
				}
				d.over[x.Delta][l.Step] = append(d.over[x.Delta][l.Step], x.Value)
			}
			if l.GradientError != nil {
				d.gradient[l.Step] = append(d.gradient[l.Step], *l.GradientError)
			}
			if l.MemoryError != nil {
				last = l.MemoryError
			}
		}
		for _, e := range last {
			bin := bits.Len64(uint64(e.Age))
			d.ages[bin] = append(d.ages[bin], ageSample{e.Age, e.Error})
		}
	}
	return d, nil
}

// drifts are the figures of drift, of the preferred setting.
func (c *Collection) drifts() (figures []*chart.Figure, err error) {
	errors := chart.Lines{Name: "memory-error", Title: "Error of memory rows by age, at the last look",
		X: chart.Axis{Label: "age of the row, steps", Log: true}, Y: chart.Axis{Label: "mean squared error"}, Points: true, FromZero: true}
	for _, cells := range c.batches(c.preferred()) {
		batch := cells[0].config(batchKey)
		gradients := chart.Lines{Name: "gradient-error-batch-" + batch, Title: "Error of the memory's gradient, batch " + batch,
			X: chart.Axis{Label: "step"}, Y: chart.Axis{Label: "relative to the exact one"}, FromZero: true}
		for i, cell := range cells {
			d, err := cell.drift()
			if err != nil {
				return nil, err
			}
			if len(d.gradient) > 0 {
				gradients.Series = append(gradients.Series, bySteps("memory "+cell.config(memoryKey), d.gradient, i))
			}
			if cell != largest(cells) {
				continue
			}
			over := chart.Lines{Name: "drift-batch-" + batch, Title: fmt.Sprintf("Drift of the embeddings, batch %s, memory %s", batch, cell.config(memoryKey)),
				X: chart.Axis{Label: "step"}, Y: chart.Axis{Label: "mean squared change", Log: true}}
			for k, lag := range slices.Sorted(maps.Keys(d.over)) {
				over.Series = append(over.Series, bySteps(fmt.Sprintf("over %d steps", lag), d.over[lag], k))
			}
			figures = appendLines(figures, over)
			if s := byAges("batch "+batch, d.ages, c.color(cell)); len(s.Points) > 0 {
				errors.Series = append(errors.Series, s)
			}
		}
		figures = appendLines(figures, gradients)
	}
	return appendLines(figures, errors), nil
}

// appendLines adds a figure, if it has curves.
func appendLines(figures []*chart.Figure, l chart.Lines) []*chart.Figure {
	points := 0
	var words []string
	for _, s := range l.Series {
		points += len(s.Points)
		if n := len(s.Points); n > 0 {
			words = append(words, fmt.Sprintf("%s: from %s to %s", s.Name, small(s.Points[0].Y), small(s.Points[n-1].Y)))
		}
	}
	if points < 2 {
		return figures
	}
	l.Desc = l.Title + ". Mean over seeds, with a band from the least to the largest of them. " + strings.Join(words, "; ") + "."
	return append(figures, l.Figure())
}

// bySteps is a curve of means, with the range of the samples: they are few, and
// never below zero, where an interval by Student's t would reach.
func bySteps(name string, samples map[int64][]float64, color int) chart.Series {
	s := chart.Series{Name: name, Color: color}
	for _, step := range slices.Sorted(maps.Keys(samples)) {
		mean, _ := eval.Interval(samples[step])
		s.Points = append(s.Points, chart.Point{X: float64(step), Y: mean, Low: slices.Min(samples[step]), High: slices.Max(samples[step])})
	}
	return s
}

// byAges is a curve of errors by age.
func byAges(name string, ages map[int][]ageSample, color int) chart.Series {
	s := chart.Series{Name: name, Color: color}
	for _, bin := range slices.Sorted(maps.Keys(ages)) {
		var age float64
		var errs []float64
		for _, x := range ages[bin] {
			age += x.age / float64(len(ages[bin]))
			errs = append(errs, x.err)
		}
		mean, _ := eval.Interval(errs)
		s.Points = append(s.Points, chart.Point{X: age, Y: mean, Low: slices.Min(errs), High: slices.Max(errs),
			Tip: fmt.Sprintf("%s, age %.0f: %s", name, age, small(mean))})
	}
	return s
}
