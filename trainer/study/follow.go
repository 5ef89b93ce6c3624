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
	var at [][2]int // stage and place of each
	var images []int64
	known, err := r.known(l)
	if err != nil {
		return err
	}
	for i, s := range known.stages {
		for place, o := range s.runs {
			done, err := r.isDone(o)
			if err != nil {
				return err
			}
			if !done {
				open, at, images = append(open, o), append(at, [2]int{i, place}), append(images, o.images())
			}
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
		if known, err = r.known(l); err != nil {
			return err
		}
		for i := range open {
			if ended[i] {
				continue
			}
			stage := known.stages[at[i][0]]
			o := stage.runs[at[i][1]]
			s, err := r.claims().Look(o.name)
			if err != nil {
				return err
			}
			done, err := r.isDone(o)
			if err != nil {
				return err
			}
			if !begun[i] && (done || s.Word == claim.Held) {
				begun[i] = true
				progress.RunBegins()
			}
			switch {
			case done:
				text, err := stage.result(o)
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
