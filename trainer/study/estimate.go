package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"crossbatch/eval/report"
	"crossbatch/trainer/run"
)

// measureSteps is over how many steps a kind of run is measured.
const measureSteps = 10

// Estimate is the estimated cost of a study.
type Estimate struct {
	Runs    []RunEstimate
	Missing int           // number of runs that are not complete
	Images  int64         // that they train on
	Time    time.Duration // that they take together
	Jobs    int           // runs at a time
	Threads int           // of each run
}

// RunEstimate is the estimated cost of one run.
type RunEstimate struct {
	Name     string
	Steps    int64
	Batch    int
	Images   int64   // trained on, those of its search included
	Complete bool    // already made
	Seconds  float64 // unless patience ends it earlier
	Memory   uint64  // bytes, without the evaluation; 0: not known
}

// Text returns the estimate as a table.
func (e Estimate) Text() string {
	lines := [][]string{{"run", "steps", "batch", "images", "seconds"}}
	for _, r := range e.Runs {
		took := "complete"
		if !r.Complete {
			took = fmt.Sprintf("%.0f", r.Seconds)
		}
		lines = append(lines, []string{r.Name, fmt.Sprint(r.Steps), fmt.Sprint(r.Batch), fmt.Sprint(r.Images), took})
	}
	return fmt.Sprintf("%s\n%d of %d runs are missing: %d images, about %s with %d at a time on %d threads each. Nothing was made.\n",
		report.Align(lines), e.Missing, len(e.Runs), e.Images, e.Time, e.Jobs, e.Threads)
}

// estimate lists the runs and says how long those would take that are missing:
// a few steps of one of each kind are measured, as many at a time as there will
// be.
func (r *Runner) estimate(ctx context.Context, l layout) (Estimate, error) {
	runs, kind := l.all(), l.kind
	missing, err := r.missing(runs)
	if err != nil {
		return Estimate{}, err
	}
	names := map[string]bool{}
	for _, o := range missing {
		names[o.name] = true
	}
	var kinds []string
	var samples []oneRun
	for i, o := range runs {
		if k := kind(i); names[o.name] && !slices.Contains(kinds, k) {
			kinds, samples = append(kinds, k), append(samples, o)
		}
	}
	costs, err := r.measureAll(ctx, samples)
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{Missing: len(missing), Jobs: min(r.jobs(), max(1, len(missing))), Threads: r.threads()}
	var seconds float64
	for i, o := range runs {
		one := RunEstimate{Name: o.name, Steps: o.config.Steps, Batch: o.config.Batch.Size, Images: o.images(), Complete: !names[o.name]}
		if !one.Complete {
			cost := costs[slices.Index(kinds, kind(i))]
			one.Seconds, one.Memory = o.seconds(cost), cost.Memory
			seconds += one.Seconds
			e.Images += one.Images
		}
		e.Runs = append(e.Runs, one)
	}
	e.Time = time.Duration(seconds / float64(e.Jobs) * float64(time.Second)).Round(time.Second)
	return e, nil
}

// seconds is what a run takes, with its search, if patience does not end it.
func (o oneRun) seconds(t run.Cost) float64 {
	total := t.Total(o.config)
	if o.trial {
		total -= t.Test
	}
	if o.searched {
		return total
	}
	trials, shares := o.search.Rungs()
	for i, n := range trials {
		total += float64(n) * (t.Total(Scale(o.config, shares[i])) - t.Load - t.Test)
	}
	return total
}

// measureAll measures the runs, as many at a time as will be made, and leaves nothing
// in the folder of the study.
func (r *Runner) measureAll(ctx context.Context, runs []oneRun) (costs []run.Cost, err error) {
	elsewhere := *r
	if elsewhere.Dir, err = os.MkdirTemp("", "study-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(elsewhere.Dir)) }()
	progress := r.progress()
	progress.Begin(len(runs), make([]int64, len(runs)))
	defer progress.End()
	costs = make([]run.Cost, len(runs))
	errs := pool(ctx, len(runs), r.jobs(), func(ctx context.Context, i int) error {
		asked, err := r.request(runs[i])
		if err != nil {
			return err
		}
		asked.Measure = measureSteps
		progress.RunBegins()
		last, err := elsewhere.run(ctx, runs[i].name, asked, nil)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", runs[i].name, err)
		case last.Cost == nil:
			return fmt.Errorf("%s: nothing was measured", runs[i].name)
		}
		costs[i] = *last.Cost
		progress.RunEnds(i, 0, "measured "+runs[i].title, fmt.Sprintf("%.2f ms a step", 1e3*last.Cost.Step), nil)
		return nil
	})
	return costs, errors.Join(errs...)
}
