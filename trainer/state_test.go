package trainer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/data"
	"crossbatch/xbm"
)

// outcome is what a run leaves: all metrics, line by line, and the numbers of the end.
type outcome struct {
	lines   []string
	weights []float32
	result  string
}

// saved is a checkpoint with the lines up to it.
type saved struct {
	file  []byte
	lines int
	step  int64
	best  bool
}

// trainOn trains from a checkpoint on, or from the start, and keeps a checkpoint
// wherever it can.
func trainOn(t *testing.T, change func(*Config), from *saved, before []string) (outcome, []saved) {
	t.Helper()
	r, net := barsRun(t)
	change(&r.Config)
	if r.Config.hasKeys() {
		r.MomentumEncoder = newLinear(36, 8)
	}
	var o outcome
	var kept []saved
	r.Metric = func(v event.Event) error {
		line, err := json.Marshal(v)
		o.lines = append(o.lines, string(line))
		return err
	}
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	training.CheckpointEvery = 1
	training.Checkpoint = func(step int64, best bool) error {
		var b bytes.Buffer
		var err error
		if from == nil {
			err = checkpoint.Write(&b, training.Sections())
		}
		kept = append(kept, saved{b.Bytes(), len(o.lines), step, best})
		return err
	}
	if from != nil {
		o.lines = slices.Clone(before[:from.lines])
		restore(t, training, from.file)
	}
	result, err := training.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	o.weights = slices.Concat(net.weight, net.buffer)
	o.result = fmt.Sprint(result.BestStep, result.Validation, result.Test, result.FalsePairs, result.FalseNegatives, result.Images, result.TestEmb)
	return o, kept
}

func restore(t *testing.T, training *Training, file []byte) {
	t.Helper()
	c, err := checkpoint.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Restore(training.Sections()); err != nil {
		t.Fatal(err)
	}
}

// A training that is resumed, after whichever step, is one that never stopped, to
// the bit.
func TestAResumedTrainingNeverStopped(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"plain":       func(*Config) {},
		"half memory": func(c *Config) { c.Memory.Half, c.Memory.Combine, c.Memory.Ramp = true, PML, 20 },
		"random generators": func(c *Config) {
			c.Loss.Miner, c.Optimizer.Name, c.Optimizer.Momentum = "distance-weighted", "sgd", 0.9
		},
		"learned beta":  func(c *Config) { c.Loss.Spec, c.Optimizer.Schedule = "margin:learn_beta=true", "step" },
		"class weights": func(c *Config) { c.Loss.Spec, c.Memory.Size, c.Loss.LR = "soft-triple:centers=2", "0", 0.1 },
		"no memory":     func(c *Config) { c.Memory.Size = "0" },
		"reservoir":     func(c *Config) { c.Memory.Policy, c.Memory.Size = "reservoir", "50" },
		"classes, ages": func(c *Config) { c.Memory.Policy, c.Memory.MaxAge = "class-balanced:3", 4 },
		"keyed":         func(c *Config) { c.Memory.Policy, c.Memory.AgeTau, c.Memory.Combine = "keyed", 2, PML },
		"moments":       func(c *Config) { c.Memory.Cure, c.Memory.Size, c.Memory.Half = "axbn", "50", true },
		"compensation":  func(c *Config) { c.Memory.Cure, c.Memory.Size = "sdc:every=4,probes=20", "50" },
		"keys": func(c *Config) {
			c.Keys.Encoder, c.Keys.Momentum, c.Memory.Size, c.Keys.Schedule = EncoderMomentum, 0.9, "50", KeyCosine
		},
		"keys without labels": func(c *Config) {
			c.Keys.Encoder = EncoderMomentum
			*c = c.WithoutLabels()
			c.Batch.Size, c.Memory.Size = 16, "50"
		},
		"views": func(c *Config) { *c = c.WithoutLabels(); c.Batch.Size, c.Memory.Size = 16, "50" },
		"drift": func(c *Config) {
			c.Memory.Start, c.Memory.StartDrift, c.Memory.Size, c.Memory.Prefill, c.Watch.DriftEvery = StartAuto, 3, "50", true, 3
		},
	} {
		t.Run(name, func(t *testing.T) {
			shorter := func(c *Config) {
				change(c)
				c.Steps, c.Watch.ValidateEvery, c.Watch.InspectEvery = 30, 10, 7
			}
			whole, kept := trainOn(t, shorter, nil, nil)
			if len(kept) != 30 || kept[29].step != 30 {
				t.Fatalf("%d checkpoints, want 30", len(kept))
			}
			for i, from := range kept {
				if i%3 != 1 && i != 29 || i%9 != 4 && testing.Short() {
					continue
				}
				again, later := trainOn(t, shorter, &from, whole.lines)
				if !slices.Equal(again.lines, whole.lines) || !slices.Equal(again.weights, whole.weights) || again.result != whole.result {
					t.Fatalf("resumed after step %d, it goes another way", from.step)
				}
				if len(later) != len(kept)-i-1 {
					t.Errorf("resumed after step %d, it keeps %d checkpoints, want %d", from.step, len(later), len(kept)-i-1)
				}
			}
		})
	}
}

func TestCheckpointsAreWrittenWhenTheyAreDue(t *testing.T) {
	steps := func(every int64, stopAfter int64) string {
		r, _ := barsRun(t)
		r.Config.Steps, r.Config.Watch.ValidateEvery = 50, 20
		r.CheckpointEvery = every
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		got, bests := "", ""
		r.Metric = func(v event.Event) error {
			if v, ok := v.(event.Validation); ok && v.Best {
				bests += fmt.Sprint(" ", v.Step)
			}
			return nil
		}
		r.Progress = func(p Progress) {
			if p.Last.Step+1 == stopAfter {
				cancel()
			}
		}
		r.Checkpoint = func(step int64, best bool) error {
			got += fmt.Sprint(" ", step)
			if best != strings.HasSuffix(bests, fmt.Sprint(" ", step)) {
				t.Errorf("step %d: best %t", step, best)
			}
			return nil
		}
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := training.Train(ctx); (err != nil) != (stopAfter > 0) {
			t.Error(err)
		}
		return got
	}
	if got := steps(15, 0); got != " 15 20 30 40 45 50" && got != " 15 20 30 45 50" {
		t.Errorf("every 15: after%s", got)
	}
	if got := steps(0, 0); got != " 50" {
		t.Errorf("at the end only: after%s", got)
	}
	if got := steps(0, 7); got != " 7" {
		t.Errorf("told to stop: after%s", got)
	}
	if got := steps(10, 10); got != " 10" {
		t.Errorf("told to stop when it was kept: after%s", got)
	}
}

func TestAFailedCheckpointEndsTheTraining(t *testing.T) {
	r, _ := barsRun(t)
	full := errors.New("disk full")
	r.CheckpointEvery, r.Checkpoint = 5, func(int64, bool) error { return full }
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := training.Train(context.Background()); !errors.Is(err, full) || !strings.Contains(err.Error(), "checkpoint after 5 steps") {
		t.Error(err)
	}
}

func TestCheckpointsOfOthersAreRefused(t *testing.T) {
	_, kept := trainOn(t, func(c *Config) { c.Steps = 1 }, nil, nil)
	c, err := checkpoint.Parse(kept[0].file)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Run){
		"lr is 0.5 and was 0.02":                    func(r *Run) { r.Config.Optimizer.LR = 0.5 },
		`freeze is "bn" and was not set`:            func(r *Run) { r.Config.Network.Freeze = "bn" },
		"the data set has changed":                  func(r *Run) { r.Set.Pixels[5]++ },
		`memory is "0" and was "100%"`:              func(r *Run) { r.Config.Memory.Size = "0" },
		`not set, miner is "batch-hard" and was "n`: func(r *Run) { r.Config.Loss.Miner, r.Config.Network.Dropout = "batch-hard", 0.5 },
	} {
		r, _ := barsRun(t)
		r.Config.Steps = 1
		r.Set = &data.Set{Channels: 1, Height: 6, Width: 6, Labels: r.Set.Labels, ClassNames: r.Set.ClassNames, Pixels: slices.Clone(r.Set.Pixels)}
		change(&r)
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Restore(training.Sections()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A memory with rows of images that there are not is refused.
func TestAMemoryOfOtherImagesIsRefused(t *testing.T) {
	m, err := xbm.NewMemory(4, 1)
	if err != nil {
		t.Fatal(err)
	}
	for id, fits := range map[int64]bool{0: true, 9: true, 10: false, -1: false} {
		if err := m.Enqueue(nil, []float32{1, 2}, []int32{0, 0}, []int64{5, id}, 0); err != nil {
			t.Fatal(err)
		}
		state, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if got := (savedMemory{m, 10}).UnmarshalBinary(state); (got == nil) != fits {
			t.Errorf("image %d of 10: %v", id, got)
		}
		m.Reset()
	}
}

// Whatever a section holds, it is refused or restored, and then the training takes
// a step or refuses to.
func FuzzSections(f *testing.F) {
	r, _ := barsRun(&testing.T{})
	r.Config.Steps, r.Config.Memory.Start, r.Config.Memory.Size, r.Config.Watch.DriftEvery = 60, StartAuto, "40", 1
	r.Config.Memory.StartDrift, r.Config.Loss.Spec, r.Config.Loss.Miner, r.Config.Memory.Cure = 3.9, "margin:learn_beta=true", "distance-weighted", "xbn"
	training, err := Prepare(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(training.loader.Close)
	for ; training.done < 30; training.done++ {
		if _, err := training.step(f.Context(), training.done); err != nil {
			f.Fatal(err)
		}
	}
	sections := training.Sections()
	var whole bytes.Buffer
	if err := checkpoint.Write(&whole, sections); err != nil {
		f.Fatal(err)
	}
	for i, s := range sections {
		b, err := s.State.AppendBinary(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint(i), b)
		f.Add(uint(i), b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, i uint, b []byte) {
		restore(t, training, whole.Bytes())
		s := sections[i%uint(len(sections))]
		if s.State.UnmarshalBinary(b) != nil {
			return
		}
		if _, err := s.State.AppendBinary(nil); err != nil {
			t.Errorf("%s: restored, but not fit to be saved: %v", s.Name, err)
		}
		_, _ = training.step(t.Context(), training.done) // an error is as good
	})
}
