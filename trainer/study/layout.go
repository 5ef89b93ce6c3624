package study

import (
	"context"
	"fmt"
)

// layout is a study as its runs.
type layout struct {
	study  Study
	stages []stage
	sample []oneRun           // one of each kind: if these can be run, all can
	kind   func(i int) string // tells apart runs, of all, that may take different times
}

// stage is a part of a study whose runs depend on those of the stages before it, and on
// none of its own.
type stage struct {
	name string // for people
	// runs are all of them. Where settle is not nil their configurations lack what it
	// decides.
	runs []oneRun
	// settle returns the runs once all of the stages before are complete.
	settle func() ([]oneRun, error)
	places bool                         // before that runs have other names
	result func(oneRun) (string, error) // what a run came to, in a line
}

// settled are the runs of the stage as they are to be made.
func (s stage) settled() ([]oneRun, error) {
	if s.settle == nil {
		return s.runs, nil
	}
	return s.settle()
}

// all are the runs of all stages.
func (l layout) all() (runs []oneRun) {
	for _, s := range l.stages {
		runs = append(runs, s.runs...)
	}
	return runs
}

// at is where the cell of a number, which counts from 1, is.
func (l layout) at(number int) (stage, place int, err error) {
	place = number - 1
	for stage, s := range l.stages {
		if place < len(s.runs) && place >= 0 {
			return stage, place, nil
		}
		place -= len(s.runs)
	}
	return 0, 0, fmt.Errorf("there is no cell %d: they count from 1 to %d", number, len(l.all()))
}

// makeAll makes the runs that are missing, stage by stage.
func (r *Runner) makeAll(ctx context.Context, l layout) error {
	for _, s := range l.stages {
		runs, err := s.settled()
		if err != nil {
			return err
		}
		if err := r.make(ctx, runs, s.result); err != nil {
			return err
		}
	}
	return nil
}
