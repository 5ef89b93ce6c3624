package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/ranks"
)

// ranksConfig is small, and has batch normalisation and something left to chance.
func ranksConfig() trainer.Config {
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim, c.Network.Dropout = "glyphs-small", 4, 8, 0.1
	c.Batch.Size, c.Steps, c.Memory.Start, c.Watch.ValidateEvery = 16, 12, 3, 6
	return c
}

// onRanks makes or resumes a run on so many ranks, and returns what rank 0 comes to.
func onRanks(t *testing.T, size int, j Job, begin func(*Session, Job) (record.Outcome, error)) (record.Outcome, error) {
	t.Helper()
	var o record.Outcome
	err := ranks.Local(size, func(c ranks.Comm) error {
		s := Session{Comm: c}
		own, err := begin(&s, j)
		if c.Rank() == 0 {
			o = own
		}
		return errors.Join(err, s.Close())
	})
	return o, err
}

func trains(t *testing.T) func(*Session, Job) (record.Outcome, error) {
	return func(s *Session, j Job) (record.Outcome, error) { return s.Train(t.Context(), j) }
}

// A run on two ranks leaves what a run leaves, once, and goes on with four ranks or alone.
func TestARunOnRanksIsWrittenOnceAndGoesOnWithOthers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	c := ranksConfig()
	c.Batch.SyncBN = true
	j := Job{Config: c, Dir: dir, WithoutMemory: !testing.Short(), Keep: Keep{CheckpointEvery: 4, KeepCheckpoints: 9}}
	o, err := onRanks(t, 2, j, trains(t))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := record.Open(dir)
	if err != nil || stored.Outcome == nil || (o.Baseline == nil) != testing.Short() || stored.Environment.Ranks != 2 {
		t.Fatalf("the run is not there as it should be: %v", err)
	}
	want, err := os.ReadFile(filepath.Join(dir, record.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	sizes := []int{1, 2, 4}
	if testing.Short() {
		sizes = []int{2}
	}
	for _, size := range sizes {
		// Back to where it was after 8 steps.
		for _, name := range []string{record.ScoresFile, record.WeightsFile, filepath.Join(record.CheckpointFolder, "step-000000012-best.checkpoint"), filepath.Join(record.CheckpointFolder, "step-000000012.checkpoint")} {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		again, err := onRanks(t, size, j, func(s *Session, j Job) (record.Outcome, error) { return s.Resume(t.Context(), j) })
		if err != nil {
			t.Fatalf("%d ranks: %v", size, err)
		}
		if d := again.Test.MAPAtR - o.Test.MAPAtR; d > 0.01 || d < -0.01 {
			t.Errorf("%d ranks: MAP@R %g, was %g", size, again.Test.MAPAtR, o.Test.MAPAtR)
		}
		got, err := os.ReadFile(filepath.Join(dir, record.WeightsFile))
		if err != nil {
			t.Fatal(err)
		}
		if same := string(got) == string(want); size == 2 && !same {
			t.Error("the same number of ranks ends with other weights")
		}
	}
}

// What is wrong on one rank is told by all, and nothing is left.
func TestWhatIsWrongOnOneRankIsToldByAll(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	_, err := onRanks(t, 3, Job{Config: ranksConfig(), Dir: dir}, func(s *Session, j Job) (record.Outcome, error) {
		j.Config.Batch.Size, j.Config.Batch.PerClass = 24, 4
		if s.Comm.Rank() == 1 {
			j.Config.Network.Weights = "missing.safetensors"
		}
		o, err := s.Train(t.Context(), j)
		if !ranks.IsShared(err) {
			t.Errorf("rank %d: %v", s.Comm.Rank(), err)
		}
		return o, err
	})
	if err == nil || !strings.Contains(err.Error(), "missing.safetensors") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}

// A run whose memory is shared out goes on with other ranks, and with the memory in one place.
func TestARunWithASharedMemoryGoesOnWithOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("the ranks of a whole run; those of a training are tested in trainer")
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	c := ranksConfig()
	c.Batch.SyncBN, c.Memory.Share = true, true
	j := Job{Config: c, Dir: dir, Keep: Keep{CheckpointEvery: 4, KeepCheckpoints: 9}}
	if _, err := onRanks(t, 2, j, trains(t)); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(dir, record.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []bool{true, false} {
		for _, name := range []string{record.ScoresFile, record.WeightsFile, filepath.Join(record.CheckpointFolder, "step-000000012-best.checkpoint"), filepath.Join(record.CheckpointFolder, "step-000000012.checkpoint")} {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		j.Config.Memory.Share = share
		if _, err := onRanks(t, 2, j, func(s *Session, j Job) (record.Outcome, error) { return s.Resume(t.Context(), j) }); err != nil {
			t.Fatalf("shared %v: %v", share, err)
		}
		got, err := os.ReadFile(filepath.Join(dir, record.WeightsFile))
		if err != nil {
			t.Fatal(err)
		}
		if share && string(got) != string(want) {
			t.Error("the same ranks end with other weights")
		}
		if again, err := Open(dir); err != nil || again.Config.Memory.Share != share {
			t.Errorf("the configuration says shared %v, it is %v: %v", again.Config.Memory.Share, share, err)
		}
	}
}
