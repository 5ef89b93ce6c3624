package study

import (
	"context"
	"fmt"
	"time"

	"crossbatch/trainer/study/claim"
)

// follow shows how runs go that others make, until all are complete, or alive says that
// nobody is going to make the rest.
func (r *Runner) follow(ctx context.Context, l layout, alive func(context.Context) (bool, error)) error {
	var open []oneRun
	var results []func(oneRun) (string, error)
	var images []int64
	for _, s := range l.stages {
		missing, err := r.missing(s.runs)
		if err != nil {
			return err
		}
		for _, o := range missing {
			open, results, images = append(open, o), append(results, s.result), append(images, o.images())
		}
	}
	if len(open) == 0 {
		return nil
	}
	progress := r.progress()
	progress.Begin(len(l.all()), images)
	defer progress.End()
	begun, ended, failed := make([]bool, len(open)), make([]bool, len(open)), make([]int, len(open))
	left := len(open)
	var asked time.Time
	for {
		// Asked before the look: what was complete when they ended is seen.
		lives := true
		if time.Since(asked) >= r.claims().Pause()*2 {
			var err error
			if lives, err = alive(ctx); err != nil {
				return r.stopped(ctx, l, err)
			}
			asked = time.Now()
		}
		for i, o := range open {
			if ended[i] {
				continue
			}
			s, err := r.claims().Look(o.name)
			if err != nil {
				return err
			}
			done, err := isComplete(r.folder(o), o.trial)
			if err != nil {
				return err
			}
			if !begun[i] && (done || s.Word == claim.Held) {
				begun[i] = true
				progress.RunBegins()
			}
			switch {
			case done:
				text, err := results[i](o)
				progress.RunEnds(i, images[i], o.title, text, err)
				ended[i] = true
				left--
			case s.Word == claim.Failed && s.Generation > failed[i]:
				failed[i] = s.Generation
				r.log().Error(o.title + ": failed: " + s.Reason)
			default:
				progress.Trained(i, min(s.Amount, images[i]))
			}
		}
		if left == 0 {
			return nil
		}
		if !lives {
			return fmt.Errorf("the jobs have ended, and %d of %d runs are missing", left, len(l.all()))
		}
		select {
		case <-ctx.Done():
			return r.stopped(ctx, l, ctx.Err())
		case <-time.After(r.claims().Pause()):
		}
	}
}

// stopped is err, or, where ctx has ended, how far the study is that goes on elsewhere.
func (r *Runner) stopped(ctx context.Context, l layout, err error) error {
	if ctx.Err() == nil {
		return err
	}
	total := len(l.all())
	missing, err := r.missing(l.all())
	if err != nil {
		return err
	}
	return fmt.Errorf("%d of %d runs are complete: %w", total-len(missing), total, ctx.Err())
}
