package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/ablation"
	"crossbatch/trainer/checkpoint"
)

// cellRun makes the run of one cell.
type cellRun struct {
	session
	cellRequest
	before int64 // images trained on in trials that are done
}

// make searches, if that is asked for, and makes the run with what was found,
// unless it is complete. One that was stopped goes on from its checkpoint.
func (r *cellRun) make(ctx context.Context, c trainer.Config) error {
	if err := r.wait(); err != nil {
		return err
	}
	defer r.release()
	if done, err := isComplete(r.Dir, r.Trial); err != nil || done {
		return err
	}
	settings, err := r.Search.Run(c, func(t ablation.Trial) (float64, error) {
		score, err := r.trial(ctx, r.Title+", "+t.Name, t.Config, filepath.Join(r.Dir, record.TuneFolder, t.Name))
		r.before += t.Config.Steps * int64(t.Config.Batch.Size)
		return score, err
	})
	if err != nil {
		return err
	}
	chosen := map[string]string{}
	for _, s := range settings {
		if err := s.Apply(&c); err != nil {
			return err
		}
		chosen[s.Key] = s.Value
		r.console.log.Info("the search chose", zap.String(s.Key, s.Value))
	}
	if len(chosen) > 0 {
		if err := record.WriteChosen(r.Dir, chosen); err != nil {
			return err
		}
	}
	if r.Trial {
		_, err = r.trial(ctx, r.Title, c, r.Dir)
		return err
	}
	return r.runOn(ctx, c)
}

// runOn makes the run, or the rest of it.
func (r *cellRun) runOn(ctx context.Context, c trainer.Config) error {
	if was, err := readRun(r.Dir); err == nil && was.Config == c && isBegun(r.Dir) {
		_, err := r.goOn(ctx, r.Title, c, r.Dir)
		if !errors.Is(err, checkpoint.ErrCorrupt) {
			return err
		}
		r.console.log.Warn("begun anew", zap.Error(err))
	}
	if err := r.clear(); err != nil {
		return err
	}
	_, err := r.train(ctx, r.Title, c, r.Dir, true)
	return err
}

// isBegun tells whether the run in a folder has come to where it can be resumed.
func isBegun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, record.PlanFile))
	return err == nil
}

// trial makes a run in dir that does not see the test classes and returns its
// MAP@R on the validation classes, NaN if it diverged. If it is complete it is
// only read.
func (r *cellRun) trial(ctx context.Context, title string, c trainer.Config, dir string) (float64, error) {
	trial, err := record.ReadTrial(dir)
	if err != nil {
		return 0, err
	}
	if trial == nil {
		r.noTest = true
		o, err := r.train(ctx, title, c, dir, true)
		r.noTest = false
		trial = &record.Trial{Steps: o.Steps, Seconds: o.Seconds, BestStep: o.BestStep, Validation: o.Validation.Scores}
		var diverged *trainer.Diverged
		switch {
		case errors.As(err, &diverged):
			r.console.log.Warn("the trial diverged", zap.Error(err))
			trial = &record.Trial{Diverged: err.Error()}
		case err != nil:
			return 0, err
		}
		if err := record.WriteTrial(dir, *trial); err != nil {
			return 0, err
		}
	}
	return trial.Score(), nil
}

// isComplete tells whether the run, or the trial, in a folder has come to its end.
func isComplete(dir string, trial bool) (bool, error) {
	name := record.ScoresFile
	if trial {
		name = record.TrialFile
	}
	_, err := os.Stat(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// clear removes what is in the cell's folder but trials and the lock, and makes it
// that of a run which has not begun.
func (r *cellRun) clear() error {
	entries, err := os.ReadDir(r.Dir)
	for _, e := range entries {
		if name := e.Name(); name != record.TuneFolder && name != record.LockFile {
			err = errors.Join(err, os.RemoveAll(filepath.Join(r.Dir, name)))
		}
	}
	if err != nil {
		return err
	}
	return writeText(r.Dir, record.ConfigFile, func(w io.Writer) error {
		_, err := io.WriteString(w, r.Config)
		return err
	})
}

// wait locks the cell's folder. The process of a study that was killed may have it
// for an instant more.
func (r *cellRun) wait() (err error) {
	for range 100 {
		if err = r.lock(r.Dir); !errors.Is(err, record.ErrLocked) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// fresh prepares the training of a configuration with a network of its own.
func (s *session) fresh(c trainer.Config) (*trainer.Training, error) {
	if err := s.load(c); err != nil {
		return nil, err
	}
	net, err := s.network(c)
	if err != nil {
		return nil, err
	}
	return s.prepare(c, net)
}

// cost is what a run would take, in seconds.
type cost struct {
	Load       float64 // the set and the network
	Step       float64 // of training, with a full memory
	Validation float64 // one look
	Test       float64 // from the best weights to the scores
}

// total is what a run of c takes.
func (t cost) total(c trainer.Config) float64 {
	looks := (c.Steps + c.Watch.ValidateEvery - 1) / c.Watch.ValidateEvery
	return t.Load + float64(c.Steps)*t.Step + float64(looks)*t.Validation + t.Test
}

// measure prepares the run of c and measures some steps.
func (r *cellRun) measure(c trainer.Config, steps int) (cost, error) {
	began := time.Now()
	training, err := r.fresh(c)
	if err != nil {
		return cost{}, err
	}
	load := time.Since(began)
	took, err := training.Measure(steps)
	if err != nil {
		return cost{}, err
	}
	validation := took.Validation.Seconds()
	share := float64(len(training.Split.Test)) / float64(len(training.Split.Validation))
	return cost{Load: load.Seconds(), Step: took.Step.Seconds(), Validation: validation, Test: share * validation}, nil
}
