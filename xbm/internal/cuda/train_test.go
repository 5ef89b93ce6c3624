//go:build nvidia

package cuda_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
	"crossbatch/xbm/device"
)

// small is a short training on letters.
func small(on, precision string) trainer.Config {
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim, c.Batch.Size = "glyphs-small", 4, 16, 16
	c.Loss.Spec, c.Loss.Miner = "multi-similarity:beta=10", "multi-similarity"
	c.Memory.Combine = trainer.PML
	c.Memory.Size, c.Memory.Start, c.Memory.Policy, c.Memory.MaxAge = "300", 2, "class-balanced:5", 9
	c.Steps, c.Watch.ValidateEvery, c.Watch.InspectEvery, c.Watch.DriftEvery = 16, 16, 0, 0
	c.Device, c.Precision = on, precision
	return c
}

// curve is the loss against the memory, step by step.
func curve(t *testing.T, c trainer.Config) []float64 {
	t.Helper()
	var s run.Session
	defer func() { _ = s.Close() }()
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := s.Train(context.Background(), run.Job{Config: c, Dir: dir, Trial: true}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, record.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for line := range strings.Lines(string(text)) {
		var step event.Step
		if err := json.Unmarshal([]byte(line), &step); err == nil && step.Memory != nil {
			losses = append(losses, step.Memory.Loss)
		}
	}
	return losses
}

// A training with the memory on the device has the processor's curve: in float32 but for
// rounding, in TF32 nearly.
func TestTrainingOnTheDevice(t *testing.T) {
	want := curve(t, small("cpu", ""))
	if len(want) != 14 {
		t.Fatalf("%d steps against the memory", len(want))
	}
	for precision, most := range map[string]float64{device.FP32: 1e-4, device.TF32: 0.02} {
		got := curve(t, small("cuda", precision))
		for i := range want {
			if want[i] == 0 {
				t.Fatalf("step %d has no loss", i)
			}
			if off := math.Abs(got[i]-want[i]) / want[i]; !(off <= most) {
				t.Errorf("%s, step %d: %g, on the processor %g", precision, i, got[i], want[i])
			}
		}
	}
}

// What the processor is left with is said.
func TestWhatTheProcessorIsLeftWith(t *testing.T) {
	for want, change := range map[string]func(*trainer.Config){
		"": func(*trainer.Config) {},
		"the network is trained by the processor":     func(c *trainer.Config) { c.Batch.Chunk = 8 },
		"the memory's loss is taken by the processor": func(c *trainer.Config) { c.Loss.Spec, c.Loss.Miner = "margin", "none" },
		"the momentum encoder is computed by the processor, to which weights come in each step": func(c *trainer.Config) {
			c.Keys.Encoder, c.Memory.Policy = trainer.EncoderMomentum, ""
		},
	} {
		core, lines := observer.New(zap.WarnLevel)
		s := run.Session{Log: zap.New(core)}
		c := small("cuda", device.TF32)
		change(&c)
		if err := s.Check(c); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := lines.Len(); n > 1 || (want == "") != (n == 0) || n == 1 && lines.All()[0].Message != want {
			t.Errorf("%q: %v", want, lines.All())
		}
	}
}

// A run embeds on the device what the processor does.
func TestEmbeddingOnTheDevice(t *testing.T) {
	embed := func(on string) []float32 {
		var s run.Session
		defer func() { _ = s.Close() }()
		m, err := s.Untrained(small(on, device.FP32))
		if err != nil {
			t.Fatal(err)
		}
		index, err := m.Part(run.PartValidation)
		if err != nil {
			t.Fatal(err)
		}
		emb, err := m.Embed(context.Background(), index[:40])
		if err != nil {
			t.Fatal(err)
		}
		return emb
	}
	want, got := embed("cpu"), embed("cuda")
	for i := range want {
		if off := math.Abs(float64(got[i] - want[i])); !(off <= 1e-5) {
			t.Fatalf("number %d: %g, on the processor %g", i, got[i], want[i])
		}
	}
}
