package study

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/run"
	"crossbatch/trainer/study/claim"
)

// cellRun makes the run of one cell.
type cellRun struct {
	request
	session *run.Session
	claim   *claim.Claim // set while it is made
	part    *claim.Claim // of a trial of its search; nil: none is made
	before  int64        // images trained on in trials that are done
}

// make makes the run unless it is complete, with the cell claimed for this process. The
// error is a claim.HeldError where another has it.
func (r *cellRun) make(ctx context.Context, c trainer.Config) (err error) {
	take := func() (*claim.Claim, error) { return r.Claims.Take(r.Name, r.Silent) }
	if r.Alone {
		take = func() (*claim.Claim, error) { return r.Claims.Await(ctx, r.Name) }
	}
	if r.claim, err = take(); err != nil {
		return err
	}
	files := r.session.Files
	if files == nil {
		files = record.OS{}
	}
	r.session.Files = fence{files, r.check}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-r.claim.Lost():
			cancel()
		case <-ctx.Done():
		}
	}()
	err = r.locked(ctx, c)
	if lost := r.claim.Check(); lost != nil {
		err = lost // whatever came of that
	}
	word, reason := claim.Complete, ""
	switch {
	case errors.Is(err, context.Canceled):
		word = claim.Free
	case err != nil:
		word, reason = claim.Failed, err.Error()
	}
	if failed := r.claim.Release(word, reason); failed != nil && err == nil {
		r.log().Warn("others will find out for themselves that this run is complete", zap.Error(failed))
	}
	return err
}

// locked searches, if that is asked for, and makes the run with what was found,
// unless it is complete. One that was stopped goes on from its checkpoint.
func (r *cellRun) locked(ctx context.Context, c trainer.Config) error {
	unlock, err := r.wait()
	if err != nil {
		return err
	}
	defer unlock()
	// Another machine may have completed it a moment ago: a listing looks anew.
	if _, err := os.ReadDir(r.Dir); err != nil {
		return err
	}
	if done, err := isComplete(r.Dir, r.Trial); err != nil || done {
		return err
	}
	if r.Data != "" {
		now, err := r.session.Fingerprint(c)
		if err != nil {
			return err
		}
		if now != r.Data {
			return fmt.Errorf("the data are not those that the study was planned on: %s has %s, the plan says %s: give this machine the same files, or plan anew", c.Data.Set, now, r.Data)
		}
	}
	settings, err := r.Search.Run(c, func(t Trial) (float64, error) {
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
		r.log().Info("the search chose", zap.String(s.Key, s.Value))
	}
	if len(chosen) > 0 {
		if err := r.claim.Check(); err != nil {
			return err
		}
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

// log is never nil.
func (r *cellRun) log() *zap.Logger {
	if r.session.Log == nil {
		return zap.NewNop()
	}
	return r.session.Log
}

// runOn makes the run, or the rest of it.
func (r *cellRun) runOn(ctx context.Context, c trainer.Config) error {
	if was, err := run.Read(r.Dir); err == nil && was == c && run.IsBegun(r.Dir) {
		_, err := r.session.Resume(ctx, r.job(c))
		if !errors.Is(err, checkpoint.ErrCorrupt) {
			return err
		}
		r.log().Warn("begun anew", zap.Error(err))
	}
	if err := r.clear(); err != nil {
		return err
	}
	_, err := r.session.Train(ctx, r.job(c))
	return err
}

// job is the cell's run.
func (r *cellRun) job(c trainer.Config) run.Job {
	return run.Job{Config: c, Dir: r.Dir, Title: r.Title, Force: true, Baselines: r.Baselines, Keep: r.Keep, Passing: true}
}

// trial makes a run in dir that does not see the test classes and returns its
// MAP@R on the validation classes, NaN if it diverged. If it is complete it is
// only read.
func (r *cellRun) trial(ctx context.Context, title string, c trainer.Config, dir string) (score float64, err error) {
	trial, err := record.ReadTrial(dir)
	if err != nil {
		return 0, err
	}
	if trial == nil && dir != r.Dir {
		// It may be another process's cell.
		if trial, err = r.takePart(ctx, dir); err != nil {
			return 0, err
		}
		defer func() { r.endPart(err) }()
	}
	if trial == nil {
		o, err := r.session.Train(ctx, run.Job{Config: c, Dir: dir, Title: title, Force: true, Baselines: r.Baselines, Keep: r.Keep, Trial: true})
		trial = &record.Trial{Steps: o.Steps, Seconds: o.Seconds, BestStep: o.BestStep, Validation: o.Validation.Scores}
		var diverged *trainer.Diverged
		switch {
		case errors.As(err, &diverged):
			r.log().Warn("the trial diverged", zap.Error(err))
			trial = &record.Trial{Diverged: err.Error()}
		case err != nil:
			return 0, err
		}
		if err := r.check(); err != nil {
			return 0, err
		}
		if err := record.WriteTrial(dir, *trial); err != nil {
			return 0, err
		}
	}
	return trial.Score(), nil
}

// check returns an error where others may have taken over what is being made.
func (r *cellRun) check() error {
	if r.part != nil {
		if err := r.part.Check(); err != nil {
			return err
		}
	}
	return r.claim.Check()
}

// takePart claims the trial of the search in dir, or waits for whoever has it and returns
// what it came to.
func (r *cellRun) takePart(ctx context.Context, dir string) (*record.Trial, error) {
	name := path.Join(r.Name, record.TuneFolder, filepath.Base(dir))
	for {
		var err error
		var held *claim.HeldError
		if r.part, err = r.Claims.Await(ctx, name); err != nil && !errors.As(err, &held) {
			return nil, err
		}
		if trial, err := record.ReadTrial(dir); err != nil || trial != nil || held == nil {
			return trial, err
		}
	}
}

// endPart ends what takePart began.
func (r *cellRun) endPart(err error) {
	if r.part == nil {
		return
	}
	word := claim.Complete
	if err != nil {
		word = claim.Free
	}
	_ = r.part.Release(word, "") // others find out for themselves
	r.part = nil
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
	if err := r.claim.Check(); err != nil {
		return err
	}
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
func (r *cellRun) wait() (unlock func(), err error) {
	for range 100 {
		if unlock, err = r.session.Lock(r.Dir); !errors.Is(err, record.ErrLocked) {
			return unlock, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, err
}
