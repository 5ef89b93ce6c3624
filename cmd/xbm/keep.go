package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/setting"
)

// keepSettings say when a run keeps its state, and how many such files stay. They
// make no difference to the numbers.
type keepSettings struct {
	CheckpointEvery int64
	KeepCheckpoints int // 0: 2
}

// defaultKeep has a default run keep its state some eight times, and at its bests.
func defaultKeep() keepSettings { return keepSettings{CheckpointEvery: 500, KeepCheckpoints: 2} }

func (k *keepSettings) list() []setting.Setting {
	return []setting.Setting{
		{Key: "checkpoint-every", Value: &k.CheckpointEvery, Group: "Run", Scope: setting.Machine, Always: true, Unit: "steps", Range: setting.AtLeast(0).Note("at the end only"), Help: "`STEPS` between checkpoints, for --resume; there are others when validation is best. 0: at the end, and when the run is interrupted. Makes no difference to the numbers"},
		{Key: "keep-checkpoints", Value: &k.KeepCheckpoints, Group: "Run", Scope: setting.Machine, Unit: "files", Range: setting.AtLeast(0).Note("2"), Help: "how many of the newest checkpoints are kept, beside the best"},
	}
}

// plan is what resuming a run takes beyond its configuration.
type plan struct {
	Baseline        bool  `json:"baseline"`   // then train the same without memory
	Yardsticks      bool  `json:"yardsticks"` // then score what needs no training
	CheckpointEvery int64 `json:"checkpoint_every"`
	KeepCheckpoints int   `json:"keep_checkpoints"`
}

// plan is that of the run at hand.
func (s *session) plan() plan {
	return plan{s.compare, s.yardsticks, s.CheckpointEvery, s.KeepCheckpoints}
}

// keepState has the training keep its state in the run's folder.
func (s *session) keepState(t *trainer.Training, run *record.Run) {
	store := checkpoint.Store{Files: run.Sub(record.CheckpointFolder), Keep: s.KeepCheckpoints}
	t.CheckpointEvery = s.CheckpointEvery
	t.Checkpoint = func(step int64, best bool) error {
		at, err := run.Sync()
		if err != nil {
			return err
		}
		return store.Save(step, best, append(t.Sections(), checkpoint.Section{Name: "record", State: &at}))
	}
}

// stored are the checkpoints of the run in dir.
func stored(dir string) checkpoint.Store {
	return checkpoint.Store{Files: record.Folder{Path: filepath.Join(dir, record.CheckpointFolder)}}
}

// drop removes the checkpoints of the run in dir, and their folder if that is all
// it held.
func drop(dir string) error {
	store := stored(dir)
	list, err := store.List()
	if err != nil {
		return err
	}
	for _, k := range list {
		if err := store.Files.Remove(k.Name); err != nil {
			return err
		}
	}
	_ = os.Remove(filepath.Join(dir, record.CheckpointFolder)) // unless it holds others' files
	return nil
}

// reopen restores the training from the newest checkpoint of the run in dir that is
// whole, or leaves it at its start where there is none yet, and opens the run
// there.
func (s *session) reopen(t *trainer.Training, dir string) (*record.Run, error) {
	at := savedRecord{dir: dir}
	from, damaged, err := stored(dir).Load(func(c *checkpoint.Content) error {
		return c.Restore(append(t.Sections(), checkpoint.Section{Name: "record", State: &at}))
	})
	for _, why := range damaged {
		s.console.log.Warn("checkpoint passed over", zap.String("run", dir), zap.Error(why))
	}
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		s.console.log.Info("no checkpoint yet: from the start", zap.String("run", dir))
	case errors.Is(err, checkpoint.ErrCorrupt):
		return nil, fmt.Errorf("%s cannot be resumed: %w: run it anew with --config %s", dir, err, filepath.Join(dir, record.ConfigFile))
	case err != nil:
		return nil, fmt.Errorf("%s cannot be resumed: %w", dir, err)
	default:
		s.console.log.Info("resumed", zap.String("run", dir), zap.Int64("steps_done", t.Done()), zap.String("from", from.Name))
	}
	return record.Resume(dir, at.Position, record.Options{FS: s.fs})
}

// savedRecord is how far a run had been written. It refuses what is not the
// beginning of its metrics.
type savedRecord struct {
	record.Position
	dir string
}

func (s *savedRecord) UnmarshalBinary(data []byte) error {
	if err := s.Position.UnmarshalBinary(data); err != nil {
		return err
	}
	if err := s.Check(s.dir); err != nil {
		return fmt.Errorf("%w: %w", checkpoint.ErrCorrupt, err)
	}
	return nil
}

// lock keeps other processes out of dir until release, unless it lies in a folder
// that is locked already.
func (s *session) lock(dir string) error {
	for held := range s.locks {
		if dir == held || strings.HasPrefix(dir, held+string(filepath.Separator)) {
			return nil
		}
	}
	lock, err := record.Lock(dir)
	if err != nil {
		return err
	}
	if s.locks == nil {
		s.locks = map[string]io.Closer{}
	}
	s.locks[dir] = lock
	return nil
}

// release lets other processes in.
func (s *session) release() {
	for dir, lock := range s.locks {
		_ = lock.Close() // it ends with the process at the latest
		delete(s.locks, dir)
	}
}

// looks are those at the weights of pairs that the metrics of the run in dir hold.
func looks(dir string) (list []report.Look, err error) {
	for line, err := range record.Metrics(dir) {
		if err != nil {
			return nil, err
		}
		if line.FromMemory != nil {
			list = append(list, report.Look{Step: line.Step, Batch: pairWeights(line.BatchWeights), Memory: pairWeights(line.MemoryWeights), FromMemory: *line.FromMemory})
		}
	}
	return list, nil
}

func pairWeights(w *record.Weights) *report.PairWeights {
	if w == nil {
		return nil
	}
	return &report.PairWeights{Positives: w.Positives, Negatives: w.Negatives, Ages: w.Ages, EffectiveNegatives: w.EffectiveNegatives}
}
