package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/run/runtest"
)

// full is a disk without room for one file.
type full struct {
	record.OS
	name string
}

func (f full) Rename(from, to string) error {
	if filepath.Base(to) == f.name {
		return syscall.ENOSPC
	}
	return f.OS.Rename(from, to)
}

func small() trainer.Config {
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim, c.Batch.Size, c.Memory.Size = "glyphs-small", 4, 8, 16, "40"
	c.Memory.Start, c.Steps, c.Watch.ValidateEvery, c.Watch.InspectEvery = 2, 6, 3, 2
	return c
}

// Whatever fails after the last step, the network that was trained is there, can be
// scored, and the run goes on to what it would have been.
func TestNothingIsLostAfterTheLastStep(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	var s Session
	if _, err := s.Train(context.Background(), Job{Config: small(), Dir: whole}); err != nil {
		t.Fatal(err)
	}
	names := []string{record.EmbeddingsFile, record.NeighborsFile, record.ExtremesFile, record.WeightsPicture, record.ScoresFile}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		dir := filepath.Join(t.TempDir(), "run")
		s.Files = full{name: name}
		_, err := s.Train(context.Background(), Job{Config: small(), Dir: dir})
		s.Files = nil
		kept := (*Unscored)(nil)
		if !errors.As(err, &kept) || kept.Dir != dir || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "its weights are kept") {
			t.Fatalf("%s: %v", name, err)
		}
		if list, err := Checkpoints(dir).List(); err != nil || len(list) == 0 || list[0].Step != 6 {
			t.Errorf("%s: checkpoints %v (%v)", name, list, err)
		}
		c, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Saved(dir, c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		scored, err := m.Score(context.Background(), PartTest, eval.Retrieval{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		j, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Resume(context.Background(), j)
		if err != nil || o.Test.MAPAtR != scored.MAPAtR {
			t.Fatalf("%s: resumed, MAP@R %g and scored as it was %g (%v)", name, o.Test.MAPAtR, scored.MAPAtR, err)
		}
		runtest.Same(t, dir, whole)
	}
}

// A training that is stopped during a validation, or while it is scored, makes up for
// it, and ends as if it had not been.
func TestStoppedWhileScoring(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	var s Session
	if _, err := s.Train(context.Background(), Job{Config: small(), Dir: whole, Keep: Keep{CheckpointEvery: 2}}); err != nil {
		t.Fatal(err)
	}
	for _, after := range []int64{3, 6} {
		dir := filepath.Join(t.TempDir(), "run")
		ctx, stop := context.WithCancel(context.Background())
		s.Progress.Step = func(p trainer.Progress) {
			if p.Last.Step+1 == after {
				stop() // the validation comes next
			}
		}
		_, err := s.Train(ctx, Job{Config: small(), Dir: dir, Keep: Keep{CheckpointEvery: 2}})
		s.Progress.Step = nil
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d steps: %v", after, err)
		}
		if _, err := os.Stat(filepath.Join(dir, record.ScoresFile)); err == nil {
			t.Fatal("it has scores")
		}
		if text, err := os.ReadFile(filepath.Join(dir, record.MetricsFile)); err != nil || strings.Count(string(text), `"validation"`) != int(after/3)-1 {
			t.Errorf("%d validations after %d steps (%v)", strings.Count(string(text), `"validation"`), after, err)
		}
		j, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Resume(context.Background(), j); err != nil {
			t.Fatal(err)
		}
		runtest.Same(t, dir, whole)
	}
}
