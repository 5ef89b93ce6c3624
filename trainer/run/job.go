package run

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// WithoutMemoryFolder is the folder, in the folder of a run, of the baseline: the same run
// without its memory.
const WithoutMemoryFolder = "without-memory"

// Job describes a run to be made. Config and Dir are needed.
type Job struct {
	Config trainer.Config
	Dir    string // the run's folder
	Title  string // for people; "": training
	Force  bool   // replace a run that is in Dir

	// WithoutMemory also trains a baseline, after the run: the same network on the same
	// batches without the memory, in [WithoutMemoryFolder]. Without a memory in Config it has
	// no effect.
	WithoutMemory bool
	// Baselines also scores the test images by embeddings without training: raw pixels, their
	// principal components, and the network before training.
	Baselines bool

	// Own has the values for the texts of Config that begin with [trainer.OwnPrefix].
	Own trainer.Own

	Keep
	Passing bool // remove the checkpoints when the run is complete
	// Trial does not score the test classes, for a search of settings. The outcome has
	// validation scores alone, and the folder only the configuration and the metrics.
	Trial bool
}

// Train makes a run and writes its results to the folder of the job. An invalid job is refused
// before the folder is made. If ctx ends, the current step is finished and the state saved:
// [Session.Resume] continues from there.
func (s *Session) Train(ctx context.Context, j Job) (record.Outcome, error) {
	defer s.unlock(len(s.locks))
	return s.withoutMemory(ctx, j, s.train)
}

// Resume continues the run in the job's folder bit for bit as if it had not been stopped. It
// begins a run that has not begun, and does nothing for a complete one. Config must be that of
// the run, except skip-bad-batches and share-memory, see [trainer.Config.Differences]; [Open] returns it.
func (s *Session) Resume(ctx context.Context, j Job) (record.Outcome, error) {
	defer s.unlock(len(s.locks))
	var err error
	if s.leads() {
		_, err = s.lock(j.Dir)
	}
	if err = s.agree(err); err != nil {
		return record.Outcome{}, err
	}
	return s.withoutMemory(ctx, j, s.goOn)
}

// withoutMemory makes the run and then, if it is to be compared and has a memory, the
// same without.
func (s *Session) withoutMemory(ctx context.Context, j Job, train func(context.Context, Job) (record.Outcome, error)) (record.Outcome, error) {
	rows, err := j.Config.MemoryRows(1)
	if err != nil {
		return record.Outcome{}, err
	}
	title := "training"
	if j.WithoutMemory = j.WithoutMemory && rows > 0 && !j.Trial; j.WithoutMemory {
		title = "with memory"
	}
	j.Title = cmp.Or(j.Title, title)
	o, err := train(ctx, j)
	if err != nil || !j.WithoutMemory {
		return o, err
	}
	j.Title, j.Dir = "without memory", filepath.Join(j.Dir, WithoutMemoryFolder)
	j.WithoutMemory, j.Baselines = false, false // they are the same
	j.Config.Memory.Size, j.Config.Keys.Encoder = "0", ""
	without, err := train(ctx, j)
	if err != nil {
		return o, fmt.Errorf("%s is complete, its baseline is not: %w", filepath.Dir(j.Dir), err)
	}
	o.Baseline = &without
	return o, nil
}
