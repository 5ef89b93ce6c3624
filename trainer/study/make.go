package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"crossbatch/trainer/study/claim"
)

// making is the runs of a stage while they are made.
type making struct {
	*Runner
	runs   []oneRun // that were missing
	images []int64  // of each
	result func(oneRun) (string, error)

	mu    sync.Mutex // of what follows
	watch claim.Watch
	begun []bool
}

// make makes the runs that are missing, and waits for those that others are at work on:
// should one of them die, its run is made here. What came of each is told by result.
// One that fails does not stop the others; the error, after all, counts them.
func (r *Runner) make(ctx context.Context, runs []oneRun, result func(oneRun) (string, error)) error {
	missing, err := r.missing(runs)
	if err != nil || len(missing) == 0 {
		return err
	}
	m := making{Runner: r, runs: missing, result: result, watch: claim.Watch{Folder: r.claims()}, begun: make([]bool, len(missing))}
	for _, o := range missing {
		m.images = append(m.images, o.images())
	}
	r.log().Info(fmt.Sprintf("%d of %d runs are to be made, %d at a time on %d threads each", len(missing), len(runs), min(r.jobs(), len(missing)), r.threads()))
	progress := r.progress()
	progress.Begin(len(runs), m.images)
	defer progress.End()
	errs := m.rounds(ctx)
	_ = os.Remove(r.logs()) // unless it holds some
	return r.failures(ctx, len(runs), missing, errs)
}

// rounds goes through the runs until none is left to others.
func (m *making) rounds(ctx context.Context) []error {
	errs := make([]error, len(m.runs))
	open := make([]int, len(m.runs))
	for i := range open {
		open[i] = i
	}
	for told := false; ; {
		var held []int
		for k, err := range pool(ctx, len(open), m.jobs(), func(ctx context.Context, k int) error { return m.one(ctx, open[k]) }) {
			if errs[open[k]] = err; errors.As(err, new(*claim.HeldError)) {
				held = append(held, open[k])
			}
		}
		if len(held) == 0 {
			return errs
		}
		if !told && len(held) == len(open) {
			told = true
			m.log().Info(fmt.Sprintf("%d runs are left to others: the first, %s: %v", len(held), m.runs[held[0]].name, errs[held[0]]))
		}
		open = held
		select {
		case <-ctx.Done():
		case <-time.After(m.claims().Pause()):
		}
	}
}

// one makes run i, unless another is at work on it: then it returns a claim.HeldError.
func (m *making) one(ctx context.Context, i int) error {
	o, progress := m.runs[i], m.progress()
	m.mu.Lock()
	free, state, silent, err := m.watch.Free(o.name)
	if err == nil && !m.begun[i] { // here or elsewhere
		m.begun[i] = true
		progress.RunBegins()
	}
	m.mu.Unlock()
	done := false
	if err == nil && free {
		done, err = m.isDone(o) // another may have made it
	}
	switch {
	case err != nil || done:
	case free:
		var asked request
		if asked, err = m.request(o); err != nil {
			break
		}
		asked.Silent = silent
		var last event
		if last, err = m.run(ctx, o.name, asked, func(e event) { progress.Trained(i, e.Images) }); err == nil && last.Held != nil {
			return last.Held
		}
	default:
		progress.Trained(i, state.Amount)
		return &claim.HeldError{Name: o.name, State: state}
	}
	var text string
	if err == nil {
		text, err = m.result(o)
	}
	if ctx.Err() == nil {
		progress.RunEnds(i, m.images[i], o.title, text, err)
	}
	return err
}
