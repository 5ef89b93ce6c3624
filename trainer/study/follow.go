package study

import (
	"context"
	"fmt"
	"time"

	"crossbatch/trainer/study/claim"
)

// followed is a run that others make.
type followed struct {
	number       int // among those that were missing
	stage, place int
	images       int64
	begun        bool
	failed       int // the owner whose failure was told last
}

// follow shows how runs go that others make, until all are complete, or alive says that
// nobody is going to make the rest.
func (r *Runner) follow(ctx context.Context, l layout, alive func(context.Context) (bool, error)) error {
	var open []*followed
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
				open = append(open, &followed{number: len(open), stage: i, place: place, images: o.images()})
				images = append(images, o.images())
			}
		}
	}
	if len(open) == 0 {
		return nil
	}
	progress := r.progress()
	progress.Begin(len(l.all()), images)
	defer progress.End()
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
		var left []*followed
		for _, f := range open {
			done, err := r.look(f, known.stages[f.stage])
			if err != nil {
				return err
			}
			if !done {
				left = append(left, f)
			}
		}
		if open = left; len(open) == 0 {
			return nil
		}
		if !lives {
			return fmt.Errorf("the jobs have ended, and %d of %d runs are missing", len(open), len(l.all()))
		}
		select {
		case <-ctx.Done():
			return r.stopped(ctx, l, ctx.Err())
		case <-time.After(r.claims().Pause()):
		}
	}
}

// look shows how one of the runs goes, and tells whether it is complete.
func (r *Runner) look(f *followed, s stage) (done bool, err error) {
	o, progress := s.runs[f.place], r.progress()
	state, err := r.claims().Look(o.name)
	if err != nil {
		return false, err
	}
	if done, err = r.isDone(o); err != nil {
		return false, err
	}
	if !f.begun && (done || state.Word == claim.Held) {
		f.begun = true
		progress.RunBegins()
	}
	switch {
	case done:
		text, err := s.result(o)
		progress.RunEnds(f.number, f.images, o.title, text, err)
	case state.Word == claim.Failed && state.Generation > f.failed:
		f.failed = state.Generation
		r.log().Error(o.title + ": failed: " + state.Reason)
	default:
		progress.Trained(f.number, min(state.Amount, f.images))
	}
	return done, nil
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
