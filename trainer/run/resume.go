package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// Open returns the run in the folder dir as a job for [Session.Resume]: its configuration, its
// baselines, and how its state is saved.
func Open(dir string) (Job, error) {
	j := Job{Dir: filepath.Clean(dir)}
	var err error
	if j.Config, err = Read(dir); err != nil {
		return j, err
	}
	p := plan{WithoutMemory: true, Baselines: true, CheckpointEvery: DefaultKeep().CheckpointEvery}
	if err := record.Plan(dir, &p); err != nil {
		return j, err
	}
	j.WithoutMemory, j.Baselines, j.Keep = p.WithoutMemory, p.Baselines, Keep{p.CheckpointEvery, p.KeepCheckpoints}
	return j, nil
}

// goOn resumes the run in the job's folder, begins it if it had not begun, and does
// nothing if it is complete.
func (s *Session) goOn(ctx context.Context, j Job) (record.Outcome, error) {
	// All ranks look before one writes.
	was, err := record.Open(j.Dir)
	if err := s.agree(nil); err != nil {
		return record.Outcome{}, err
	}
	switch {
	case errors.Is(err, record.ErrNoRun):
		return s.train(ctx, j)
	case err != nil:
		return record.Outcome{}, err
	case was.Outcome != nil:
		s.log().Info("complete: there is nothing left to do", zap.String("run", j.Dir), zap.Int64("steps", was.Outcome.Steps))
		return *was.Outcome, nil
	}
	if !IsBegun(j.Dir) {
		return record.Outcome{}, fmt.Errorf("%s was made by a version without checkpoints and cannot be resumed: train anew with the configuration %s", j.Dir, filepath.Join(j.Dir, record.ConfigFile))
	}
	list, err := Checkpoints(j.Dir).List()
	if err != nil {
		return record.Outcome{}, err
	}
	from := j.Config
	if len(list) > 0 {
		from.Network.Weights = "" // what it started from may be gone
	}
	net, err := s.begin(from)
	if err = s.agree(err); err != nil {
		return record.Outcome{}, err
	}
	return s.run(ctx, j, net, func(t *trainer.Training) (*record.Run, error) {
		run, err := s.reopen(t, j.Dir)
		if err != nil {
			return nil, err
		}
		err = errors.Join(run.Environment(was.Environment.Resumed(s.environment(j.Config))), writeSplit(run.Folder, t))
		skips, _ := was.Config["skip-bad-batches"].(bool)
		shares, _ := was.Config["share-memory"].(bool)
		if err == nil && (skips != j.Config.SkipBadBatches || shares != j.Config.Memory.Share) {
			err = run.Config(j.Config)
		}
		if err != nil {
			_ = run.Close() // the error says more
			return nil, err
		}
		return run, nil
	})
}

// IsBegun tells whether the run in dir has come so far that it can be resumed.
func IsBegun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, record.PlanFile))
	return err == nil
}
