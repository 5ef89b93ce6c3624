package run

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// WithoutMemoryFolder is the folder within a run's that holds the same run without its
// memory.
const WithoutMemoryFolder = "without-memory"

// Job is one run that is to be made. Config and Dir are needed.
type Job struct {
	Config trainer.Config
	Dir    string // the run's folder
	Title  string // for people; "": training
	Force  bool   // replace a run that is in Dir

	// WithoutMemory trains the same network on the same batches without the memory
	// after that, in [WithoutMemoryFolder], to show what the memory gains. Where the
	// configuration has no memory it makes no difference.
	WithoutMemory bool
	// Baselines scores the test images by what needs no training too: raw pixels,
	// their principal components, the network as it began.
	Baselines bool

	// Own is what Config names as values: a loss, a miner, a policy of the program.
	Own trainer.Own

	Keep
	Passing bool // checkpoints go when the run is complete
	// Trial leaves the test classes alone, as a search for settings must: the outcome
	// has validation scores alone, and the folder nothing but the configuration and
	// the metrics.
	Trial bool
}

// Train makes a run and leaves everything of it in its folder. What can be refused is
// refused before the folder is made. Where ctx ends, the step at hand is finished and
// the state kept: [Session.Resume] goes on from there.
func (s *Session) Train(ctx context.Context, j Job) (record.Outcome, error) {
	defer s.unlock(len(s.locks))
	return s.withoutMemory(ctx, j, s.train)
}

// Resume goes on with the run in the job's folder to the bit as if it had not been
// stopped, begins it if it had not begun, and does nothing if it is complete. Config
// must be that of the run, but for skip-bad-batches, see trainer.Config.Differences;
// [Open] returns it.
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
