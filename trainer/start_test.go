package trainer

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"crossbatch/eval/event"
	"crossbatch/xbm"
)

func TestStartAsText(t *testing.T) {
	for text, want := range map[string]Start{"0": 0, "500": 500, "auto": StartAuto} {
		var s Start
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want || s.String() != text {
			t.Errorf("%q is %d and %q (%v)", text, s, s, err)
		}
	}
	for _, text := range []string{"", "-1", "Auto", "1.5", "-9223372036854775808"} {
		var s Start
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "give a step from 0, or auto") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if v, err := StartAuto.MarshalYAML(); err != nil || v != "auto" {
		t.Errorf("auto is %v (%v)", v, err)
	}
	if v, err := Start(7).MarshalYAML(); err != nil || v != int64(7) {
		t.Errorf("7 is %v (%v)", v, err)
	}
}

// starts trains with StartAuto and returns the first steps with memory by the
// terms and by the metric, -1 for none.
func starts(t *testing.T, r Run) (by int64, told event.MemoryStart, rows int) {
	t.Helper()
	by, told = -1, event.MemoryStart{Step: -1}
	r.Metric = func(metric event.Event) error {
		switch m := metric.(type) {
		case event.MemoryStart:
			told = m
		case event.Step:
			if m.Memory != nil && by < 0 {
				by, rows = m.Step, m.Rows
			}
		}
		return nil
	}
	train(t, r)
	return by, told, rows
}

// The memory starts at the first look at which drift over a lifetime is under the
// threshold.
func TestStartAuto(t *testing.T) {
	r, _ := barsRun(t)
	r.Config.Memory.Start, r.Config.Steps, r.Config.Optimizer.LR = StartAuto, 200, 0.1
	lifetime := int64(len(r.Split.Train)+15) / 16
	previous := int64(math.MaxInt64)
	for _, threshold := range []float64{0.2, 0.5, 1.5, 4} {
		r, _ := barsRun(t)
		r.Config.Memory.Start, r.Config.Steps, r.Config.Optimizer.LR, r.Config.Memory.StartDrift = StartAuto, 200, 0.1, threshold
		by, told, _ := starts(t, r)
		if by < lifetime || by > previous || told.Step != by || told.Starts.Delta < lifetime || !(told.Starts.Value < threshold) {
			t.Errorf("threshold %g: starts at %d by %+v: want %d to %d", threshold, by, told, lifetime, previous)
		}
		previous = by
		if threshold == 0.5 {
			again, _ := barsRun(t)
			again.Config.Memory.Start, again.Config.Steps, again.Config.Optimizer.LR = StartAuto, 200, 0.1
			if other, _, _ := starts(t, again); other != by {
				t.Errorf("starts at %d by default, at %d with 0.5", other, by)
			}
			// To be under the threshold is to be below it.
			again.Config.Memory.StartDrift = told.Starts.Value
			later, _ := barsRun(t)
			later.Config = again.Config
			if other, _, _ := starts(t, later); other >= 0 && other <= by {
				t.Errorf("starts at %d with the drift that it had at %d", other, by)
			}
		}
	}
}

// To decide on a step changes nothing else: the same run with that step given has
// the same weights.
func TestStartAutoIsTheStepItChooses(t *testing.T) {
	for _, combine := range []string{Both, Paper, PML} {
		auto, net := barsRun(t)
		auto.Config.Memory.Start, auto.Config.Steps, auto.Config.Memory.Combine, auto.Config.Memory.Ramp, auto.Config.Memory.Prefill = StartAuto, 80, combine, 5, true
		by, _, _ := starts(t, auto)
		if by < 0 {
			t.Fatal("it never starts")
		}
		given, other := barsRun(t)
		given.Config.Memory.Start, given.Config.Steps, given.Config.Memory.Combine, given.Config.Memory.Ramp, given.Config.Memory.Prefill = Start(by), 80, combine, 5, true
		train(t, given)
		if !slices.Equal(net.weight, other.weight) {
			t.Errorf("%s: starting at %d by itself gives other weights", combine, by)
		}
	}
}

func TestMemoryThatNeverStarts(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	r, _ := barsRun(t)
	r.Config.Memory.Start, r.Config.Memory.StartDrift, r.Log = StartAuto, 1e-9, zap.New(core)
	if by, told, _ := starts(t, r); by != -1 || told.Step != -1 {
		t.Errorf("starts at %d, %v", by, told)
	}
	if logs.FilterMessageSnippet("the memory never started").Len() != 1 {
		t.Errorf("nobody is told: %v", logs.All())
	}
	r, _ = barsRun(t)
	r.Config.Memory.Start, r.Config.Memory.Size = StartAuto, "0"
	if by, told, _ := starts(t, r); by != -1 || told.Step != -1 {
		t.Errorf("no memory starts at %d, %v", by, told)
	}
}

// At its start the memory holds embeddings of random images, each once, by the
// network as it then is.
func TestPrefill(t *testing.T) {
	for _, memory := range []string{"40", "100%", "200%"} {
		r, net := barsRun(t)
		r.Config.Memory.Size, r.Config.Memory.Prefill, r.Config.Memory.Combine = memory, true, Both
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := training.startMemory(&pass{metric: event.Step{Step: 9}}); err != nil || training.terms.memory.Memory.Len() != 0 {
			t.Errorf("%d rows before the start (%v)", training.terms.memory.Memory.Len(), err)
		}
		if err := training.startMemory(&pass{metric: event.Step{Step: 10}}); err != nil {
			t.Fatal(err)
		}
		m := training.terms.memory.Memory
		want := min(m.Cap(), len(r.Split.Train))
		ids := slices.Clone(m.IDs())
		slices.Sort(ids)
		if m.Len() != want || len(slices.Compact(ids)) != want {
			t.Errorf("memory %s: %d rows of %d images, want %d", memory, m.Len(), len(slices.Compact(ids)), want)
		}
		index := make([]int, m.Len())
		for k, id := range m.IDs() {
			index[k] = int(id)
			if !slices.Contains(r.Split.Train, index[k]) || m.Labels()[k] != r.Set.Labels[id] || m.Births()[k] != 9 {
				t.Fatalf("row %d is of image %d, class %d, born at %d", k, id, m.Labels()[k], m.Births()[k])
			}
		}
		rows, err := embedUnit(net, r.Set, index)
		if err != nil || !slices.Equal(rows, m.Rows()) {
			t.Errorf("the rows are not what the images are embedded as (%v)", err)
		}
		first := training.terms.memory.Memory.IDs()[0]
		r.Config.Seed++
		if training, err = Prepare(r); err != nil {
			t.Fatal(err)
		}
		if err := training.startMemory(&pass{metric: event.Step{Step: 10}}); err != nil || training.terms.memory.Memory.IDs()[0] == first {
			t.Errorf("another seed begins with the same image (%v)", err)
		}
	}
}

func TestStarterState(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Memory.Start = StartAuto
	prepare := func() *Training {
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		return training
	}
	one, other := prepare(), prepare()
	for step := range int64(100) {
		state, err := one.starter.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.starter.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		if again, err := other.starter.AppendBinary(nil); err != nil || !bytes.Equal(again, state) || other.terms.memory.StartsAt() != one.terms.memory.StartsAt() {
			t.Fatalf("step %d: what was restored is not what was saved (%v)", step, err)
		}
		if err := one.startMemory(&pass{metric: event.Step{Step: step}}); err != nil {
			t.Fatal(err)
		}
		net.weight[0] += 0.01
	}
	if one.terms.memory.StartsAt() == xbm.NotYet {
		t.Error("it never starts")
	}
	if err := other.starter.UnmarshalBinary(make([]byte, 20)); !errors.Is(err, errProbe) {
		t.Errorf("a short state: %v", err)
	}
}

func TestAMemoryShorterThanARoundIsToldOf(t *testing.T) {
	r, _ := barsRun(t)
	classes := map[int32]bool{}
	for _, i := range r.Split.Train {
		classes[r.Set.Labels[i]] = true
	}
	least := len(classes) * r.Config.Batch.PerClass
	for name, c := range map[string]struct {
		change func(*Config)
		told   int
	}{
		"one row too few": {func(c *Config) { c.Memory.Size = strconv.Itoa(least - 1) }, 1},
		"a whole round":   {func(c *Config) { c.Memory.Size = strconv.Itoa(least) }, 0},
		"the batch first": {func(c *Config) { c.Memory.Size, c.Memory.Enqueue = "8", EnqueueFirst }, 0},
		"random images":   {func(c *Config) { c.Memory.Size, c.Batch.PerClass = "8", 0 }, 0},
	} {
		core, logs := observer.New(zap.WarnLevel)
		r, _ := barsRun(t)
		r.Config.Memory.Start, r.Log = 2, zap.New(core)
		c.change(&r.Config)
		train(t, r)
		if n := logs.FilterMessageSnippet("shorter than a round").Len(); n != c.told {
			t.Errorf("%s, memory %s: told %d times: %v", name, r.Config.Memory.Size, n, logs.All())
		}
	}
}
