package report

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"crossbatch/eval"
	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/eval/report/chart"
)

// directed is what the runs of a cell say of their gradients: each sample has a value of
// each run, by step.
type directed struct{ all, batch, memory, fromMemory, withPositives map[int64][]float64 }

// directions reads the metrics of a cell's runs.
func (cell *Cell) directions() (directed, error) {
	d := directed{map[int64][]float64{}, map[int64][]float64{}, map[int64][]float64{}, map[int64][]float64{}, map[int64][]float64{}}
	for _, r := range cell.Runs {
		for e, err := range record.Metrics(r.Dir) {
			if err != nil {
				return d, fmt.Errorf("report: %w", err)
			}
			l, ok := e.(event.Direction)
			if !ok || cell.rows() > 0 && l.Direction.Memory == nil { // before there was anything in the memory
				continue
			}
			for _, x := range []struct {
				by map[int64][]float64
				of *float64
			}{{d.all, &l.Direction.All}, {d.batch, l.Direction.Batch}, {d.memory, l.Direction.Memory}, {d.fromMemory, l.Direction.FromMemory}, {d.withPositives, l.Direction.WithPositives}} {
				if x.of != nil {
					x.by[l.Step] = append(x.by[l.Step], *x.of)
				}
			}
		}
	}
	return d, nil
}

// causes are what a memory did to the gradient beside what came of it: a table of all
// settings that were looked at, and the cosines by step of the preferred one.
func (c *Collection) causes() (t table, figures []*chart.Figure, err error) {
	t.Caption = "What the gradient was made of, beside the scores: means over the looks with a memory in use, and over seeds. Cosines are with the gradient against the whole training set, embedded anew"
	t.Header = []string{"setting", "recall@1", "MAP@R", "anchors with a positive in memory", "gradient from memory", "cosine of the memory's", "cosine of the batch's", "cosine of both"}
	t.Left = 1
	of := map[*Cell]directed{}
	for _, cell := range c.Cells {
		d, err := cell.directions()
		if err != nil {
			return t, nil, err
		}
		of[cell] = d
		if len(d.all) == 0 {
			continue
		}
		row := []string{c.rowName(cell)}
		for _, n := range scored() {
			row = append(row, cell.plusMinus(n))
		}
		t.Rows = append(t.Rows, append(row, share(d.withPositives), share(d.fromMemory), cosineOf(d.memory), cosineOf(d.batch), cosineOf(d.all)))
	}
	for _, cells := range c.batches(c.preferred()) {
		batch := cells[0].config(batchKey)
		lines := chart.Lines{Name: "direction-batch-" + batch, Title: "Where the gradient points, batch " + batch,
			X: chart.Axis{Label: "step"}, Y: chart.Axis{Label: "cosine with the whole set's"}}
		for i, cell := range cells {
			d := of[cell]
			if name := "memory " + cell.config(memoryKey); len(d.memory) > 0 {
				lines.Series = append(lines.Series, bySteps(name+", its part", d.memory, i), dashed(bySteps(name+", both", d.all, i)))
			} else if len(d.all) > 0 {
				lines.Series = append(lines.Series, dashed(bySteps(name, d.all, i)))
			}
		}
		figures = appendLines(figures, lines)
	}
	return t, figures, nil
}

func dashed(s chart.Series) chart.Series {
	s.Dashed = true
	return s
}

// overLooks is the mean of all samples, NaN of none.
func overLooks(samples map[int64][]float64) float64 {
	var all []float64
	for _, step := range slices.Sorted(maps.Keys(samples)) {
		all = append(all, samples[step]...)
	}
	mean, _ := eval.Interval(all)
	return mean
}

func share(samples map[int64][]float64) string {
	if x := overLooks(samples); !math.IsNaN(x) {
		return fmt.Sprintf("%.0f %%", 100*x)
	}
	return "–"
}

func cosineOf(samples map[int64][]float64) string {
	if x := overLooks(samples); !math.IsNaN(x) {
		return fmt.Sprintf("%.2f", x)
	}
	return "–"
}
