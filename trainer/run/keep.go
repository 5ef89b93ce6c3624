package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/setting"
)

// Keep says when a run saves its state, and how many checkpoints are kept. It does not change
// the results. [DefaultKeep] has the defaults.
type Keep struct {
	// CheckpointEvery is the number of steps between two checkpoints. There are further ones
	// at the best validations. 0: only at the end, and when the run is stopped.
	CheckpointEvery int64
	KeepCheckpoints int // number of newest ones that are kept, beside the best; 0: 2
}

// DefaultKeep returns the defaults: a checkpoint every 500 steps, eight in a default run, and
// at the best validations.
func DefaultKeep() Keep { return Keep{CheckpointEvery: 500, KeepCheckpoints: 2} }

// Settings returns the settings of the fields, bound to them.
func (k *Keep) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "checkpoint-every", Value: &k.CheckpointEvery, Group: "Run", Scope: setting.Machine, Always: true, Unit: "steps", Range: setting.AtLeast(0).Note("at the end only"), Help: "`STEPS` between checkpoints, for --resume; there are others when validation is best. 0: at the end, and when the run is interrupted. Makes no difference to the numbers"},
		{Key: "keep-checkpoints", Value: &k.KeepCheckpoints, Group: "Run", Scope: setting.Machine, Unit: "files", Range: setting.AtLeast(0).Note("2"), Help: "how many of the newest checkpoints are kept, beside the best"},
	}
}

// plan is what resuming a run takes beyond its configuration.
type plan struct {
	WithoutMemory   bool  `json:"baseline"`
	Baselines       bool  `json:"yardsticks"`
	CheckpointEvery int64 `json:"checkpoint_every"`
	KeepCheckpoints int   `json:"keep_checkpoints"`
}

func (j Job) plan() plan {
	return plan{j.WithoutMemory, j.Baselines, j.CheckpointEvery, j.KeepCheckpoints}
}

// keepState has the training keep its state in the run's folder.
func (j Job) keepState(t *trainer.Training, run *record.Run) {
	store := checkpoint.Store{Files: run.Sub(record.CheckpointFolder), Keep: j.KeepCheckpoints}
	t.CheckpointEvery = j.CheckpointEvery
	t.Checkpoint = func(step int64, best bool) error {
		at, err := run.Sync()
		if err != nil {
			return err
		}
		return store.Save(step, best, append(t.Sections(), checkpoint.Section{Name: "record", State: &at}))
	}
}

// Checkpoints returns the checkpoints of the run in dir.
func Checkpoints(dir string) checkpoint.Store {
	return checkpoint.Store{Files: record.Folder{Path: filepath.Join(dir, record.CheckpointFolder)}}
}

// drop removes the checkpoints of the run in dir, and their folder if that is all
// it held.
func drop(dir string) error {
	store := Checkpoints(dir)
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
func (s *Session) reopen(t *trainer.Training, dir string) (*record.Run, error) {
	at := savedRecord{dir: dir}
	store := Checkpoints(dir)
	if s.Comm != nil && t.Config.Memory.Share {
		store.Files = mapped{record.Folder{Path: filepath.Join(dir, record.CheckpointFolder)}}
	}
	from, damaged, err := store.Load(func(c *checkpoint.Content) error {
		return c.Restore(append(t.Sections(), checkpoint.Section{Name: "record", State: &at}))
	})
	for _, why := range damaged {
		s.log().Warn("checkpoint passed over", zap.String("run", dir), zap.Error(why))
	}
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		s.log().Info("no checkpoint yet: from the start", zap.String("run", dir))
	case errors.Is(err, checkpoint.ErrCorrupt):
		return nil, fmt.Errorf("%s cannot be resumed: %w: train anew with the configuration %s", dir, err, filepath.Join(dir, record.ConfigFile))
	case err != nil:
		return nil, fmt.Errorf("%s cannot be resumed: %w", dir, err)
	default:
		s.log().Info("resumed", zap.String("run", dir), zap.Int64("steps_done", t.Done()), zap.String("from", from.Name))
	}
	return record.Resume(dir, at.Position, record.Options{FS: s.Files})
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
