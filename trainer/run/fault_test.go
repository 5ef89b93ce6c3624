package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/run/runtest"
)

// lines is the state of a stand-in for a training: how many lines of metrics it has
// written.
type lines struct{ done int }

func (l *lines) AppendBinary(b []byte) ([]byte, error) { return fmt.Appendf(b, "%06d", l.done), nil }

func (l *lines) UnmarshalBinary(data []byte) error {
	_, err := fmt.Sscanf(string(data), "%06d", &l.done)
	return err
}

// The stand-in's steps, and how often it keeps its state.
const (
	standInSteps = 12
	standInEvery = 3
)

// standIn writes a run as a training does, from a checkpoint on if there is one,
// and returns how far the last checkpoint goes that was promised to be kept.
func standIn(dir string, fs record.FS) (promised int, err error) {
	at := savedRecord{dir: dir}
	var l lines
	store := checkpoint.Store{Files: record.Folder{Path: dir, FS: fs}.Sub(record.CheckpointFolder)}
	var run *record.Run
	if _, err := os.Stat(filepath.Join(dir, record.ConfigFile)); err == nil {
		_, _, err = store.Load(func(c *checkpoint.Content) error {
			return c.Restore([]checkpoint.Section{{Name: "lines", State: &l}, {Name: "record", State: &at}})
		})
		if err != nil && !errors.Is(err, checkpoint.ErrNone) {
			return 0, err
		}
		promised = l.done
		if run, err = record.Resume(dir, at.Position, record.Options{FS: fs}); err != nil {
			return promised, err
		}
	} else if run, err = record.Create(dir, map[string]int{"steps": standInSteps}, record.Options{FS: fs, Plan: plan{}}); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	for l.done < standInSteps {
		if err := run.Metric(event.Step{Step: int64(l.done), LR: 0.5}); err != nil {
			return promised, err
		}
		l.done++
		if l.done%standInEvery == 0 {
			position, err := run.Sync()
			if err == nil {
				err = store.Save(int64(l.done), l.done == 6, []checkpoint.Section{{Name: "lines", State: &l}, {Name: "record", State: &position}})
			}
			if err != nil {
				return promised, err
			}
			promised = l.done
		}
	}
	return promised, run.Scores(map[string]int{"steps": l.done})
}

// Whatever goes wrong at whichever operation on files, the run folder can be read
// after it, has the last checkpoint that was written, and goes on to the same
// result.
func TestNoFaultSpoilsARunFolder(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	counter := newFaulty(badDisk, 1<<30, 0)
	if _, err := standIn(whole, counter); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(whole, record.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	told, stride := 0, 1
	if testing.Short() {
		stride = 11
	}
	for kind := range faults {
		for at := int(kind) % stride; at < counter.operations; at += stride {
			dir := filepath.Join(t.TempDir(), "run")
			promised, err := standIn(dir, newFaulty(kind, at, 1))
			if err != nil {
				told++
			}
			name := fmt.Sprintf("%v at operation %d of %d (%v)", kind, at, counter.operations, err)
			// As it is now, it can be looked at.
			if _, err := record.Open(dir); err != nil && !errors.Is(err, record.ErrNoRun) {
				t.Fatalf("%s: %v", name, err)
			} else if err == nil {
				for _, err := range record.Metrics(dir) {
					if err != nil && !errors.Is(err, os.ErrNotExist) {
						t.Fatalf("%s: %v", name, err)
					}
				}
			}
			from := 0
			_, damaged, err := Checkpoints(dir).Load(func(c *checkpoint.Content) error {
				l, at := lines{}, savedRecord{dir: dir}
				err := c.Restore([]checkpoint.Section{{Name: "lines", State: &l}, {Name: "record", State: &at}})
				from = l.done
				return err
			})
			if errors.Is(err, checkpoint.ErrNone) {
				err = nil
			}
			if err != nil || damaged != nil || from < promised {
				t.Fatalf("%s: restored %d of %d steps (%v, %v)", name, from, promised, damaged, err)
			}
			// And it goes on.
			if _, err := standIn(dir, nil); err != nil {
				t.Fatalf("%s: it does not go on: %v", name, err)
			}
			got, err := os.ReadFile(filepath.Join(dir, record.MetricsFile))
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: %q (%v), want %q", name, got, err, want)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*", ".partial-*")); left != nil {
				t.Errorf("%s: %v was left behind", name, left)
			}
		}
	}
	if told < counter.operations/stride {
		t.Errorf("%d faults were told of, in %d operations", told, counter.operations)
	}
}

// A real training, at some of its operations.
func TestNoFaultSpoilsATraining(t *testing.T) {
	config := trainer.Default()
	config.Data.Set, config.Network.Width, config.Network.Dim, config.Batch.Size, config.Memory.Size = "glyphs-small", 4, 8, 16, "40"
	config.Memory.Start, config.Steps, config.Watch.ValidateEvery, config.Loss.Miner = 2, 9, 4, "distance-weighted"
	s := &Session{}
	job := func(title, dir string) Job {
		return Job{Config: config, Title: title, Dir: dir, Keep: Keep{CheckpointEvery: 2}}
	}
	whole := filepath.Join(t.TempDir(), "whole")
	counter := newFaulty(badDisk, 1<<30, 0)
	s.Files = counter
	if _, err := s.Train(context.Background(), job("whole", whole)); err != nil {
		t.Fatal(err)
	}
	some := 4
	if testing.Short() {
		some = 1
	}
	rng := rand.New(rand.NewPCG(2, 2))
	for kind := range faults {
		for range some {
			at := rng.IntN(counter.operations)
			name := fmt.Sprintf("%v at operation %d of %d", kind, at, counter.operations)
			dir := filepath.Join(t.TempDir(), "run")
			s.Files = newFaulty(kind, at, 1)
			_, err := s.Train(context.Background(), job(name, dir))
			s.Files = nil
			if _, again := s.Resume(context.Background(), job(name, dir)); again != nil {
				t.Fatalf("%s (%v): it does not go on: %v", name, err, again)
			}
			runtest.Same(t, dir, whole)
		}
	}
}
