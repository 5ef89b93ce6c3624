package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/report"
	"crossbatch/trainer/ablation"
	"crossbatch/trainer/run"
)

// measureSteps is over how many steps a kind of run is measured.
const measureSteps = 10

// estimate lists the runs and says how long those would take that are missing:
// a few steps of one of each kind are measured, as many at a time as there will
// be. kind says what kind the i-th run is of.
func (s *studyRuns) estimate(c *cli.Context, runs []studyRun, kind func(i int) string) error {
	missing, err := s.missing(runs)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, r := range missing {
		names[r.name] = true
	}
	var kinds []string
	var samples []studyRun
	for i, r := range runs {
		if k := kind(i); names[r.name] && !slices.Contains(kinds, k) {
			kinds, samples = append(kinds, k), append(samples, r)
		}
	}
	if s.logs, err = os.MkdirTemp("", "xbm-dry-run-"); err != nil {
		return err
	}
	costs, err := s.measureAll(c.Context, samples)
	if err = errors.Join(err, os.RemoveAll(s.logs)); err != nil {
		return err
	}
	lines := [][]string{{"run", "steps", "batch", "images", "seconds"}}
	var seconds float64
	var images int64
	for i, r := range runs {
		took := "complete"
		if names[r.name] {
			run := s.seconds(costs[slices.Index(kinds, kind(i))], r)
			seconds += run
			images += s.images(r)
			took = fmt.Sprintf("%.0f", run)
		}
		lines = append(lines, []string{r.name, strconv.FormatInt(r.config.Steps, 10), strconv.Itoa(r.config.Batch.Size),
			strconv.FormatInt(s.images(r), 10), took})
	}
	jobs := min(s.jobs, max(1, len(missing)))
	whole := time.Duration(seconds / float64(jobs) * float64(time.Second)).Round(time.Second)
	_, err = fmt.Fprintf(c.App.Writer, "%s\n%d of %d runs are missing: %d images, about %s with %d at a time on %d threads each. Nothing was made.\n",
		report.Align(lines), len(missing), len(runs), images, whole, jobs, s.threads)
	return err
}

// seconds is what a run takes, with its search, if patience does not end it.
func (s *studyRuns) seconds(t run.Cost, r studyRun) float64 {
	total := t.Total(r.config)
	if r.trial {
		total -= t.Test
	}
	trials, shares := s.search.Rungs()
	for i, n := range trials {
		total += float64(n) * (t.Total(ablation.Scale(r.config, shares[i])) - t.Load - t.Test)
	}
	return total
}

// measureAll measures the runs, as many at a time as will be made.
func (s *studyRuns) measureAll(ctx context.Context, runs []studyRun) ([]run.Cost, error) {
	progress := newStudyProgress(s.console, len(runs), make([]int64, len(runs)))
	costs := make([]run.Cost, len(runs))
	errs := ablation.Run(ctx, len(runs), s.jobs, func(ctx context.Context, i int) error {
		request, err := s.request(runs[i])
		if err != nil {
			return err
		}
		request.Measure = measureSteps
		progress.begin()
		last, err := s.run(ctx, runs[i].name, request, nil)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", runs[i].name, err)
		case last.Cost == nil:
			return fmt.Errorf("%s: nothing was measured", runs[i].name)
		}
		costs[i] = *last.Cost
		progress.end(i, 0, "measured "+runs[i].title, fmt.Sprintf("%.2f ms a step", 1e3*last.Cost.Step), nil)
		return nil
	})
	return costs, errors.Join(errs...)
}
