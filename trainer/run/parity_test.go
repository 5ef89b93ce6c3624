package run

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// parityTolerance is how far, relative to itself, a loss of the first 20 steps may be from
// PyTorch's in float64: our rounding, added up over the steps.
const parityTolerance = 1e-4

// torch is a Python with PyTorch, or the test is skipped.
func torch(t *testing.T) string {
	t.Helper()
	for _, python := range []string{os.Getenv("PYTHON"), "python3", "/usr/bin/python3"} {
		if python != "" && exec.Command(python, "-c", "import torch, numpy").Run() == nil {
			return python
		}
	}
	t.Skip("no Python with torch and numpy")
	return ""
}

// PyTorch, given what an export holds and nothing else, finds the losses that training
// finds: the same images, batches and weights, forward, backward, batch normalisation,
// optimizer, schedule, loss within the batch and against the memory.
func TestPyTorchTrainsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("starts PyTorch")
	}
	python := torch(t)
	for name, change := range map[string]func(*trainer.Config){
		"both, He's weights": func(*trainer.Config) {},
		"paper":              func(c *trainer.Config) { c.Memory.Combine, c.Memory.Weight, c.Optimizer.LR = trainer.Paper, 0.1, 1e-4 },
		"PML, PyTorch's weights": func(c *trainer.Config) {
			c.Memory.Combine, c.Memory.KeepCopies, c.Network.Init = trainer.PML, true, trainer.InitTorch
			c.Optimizer.Warmup, c.Optimizer.WeightDecay = 5, 1e-4
		},
		"SGD, augmented, multi-similarity": func(c *trainer.Config) {
			c.Loss.Spec, c.Data.Augment, c.Memory.Weight = "multi-similarity", "glyph", 0.5
			c.Optimizer.Name, c.Optimizer.LR, c.Optimizer.Momentum, c.Optimizer.Schedule = "sgd", 0.01, 0.9, "step"
		},
	} {
		c := small()
		c.Network.Width, c.Network.Dim, c.Memory.Size, c.Memory.Start = 16, 32, "60", 3
		c.Steps, c.Watch.ValidateEvery, c.Watch.InspectEvery = 20, 20, 0
		change(&c)
		dir := t.TempDir()
		var s Session
		if _, err := s.Export(context.Background(), c, record.Folder{Path: filepath.Join(dir, "e")}, ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Train(context.Background(), Job{Config: c, Dir: filepath.Join(dir, "run")}); err != nil {
			t.Fatal(err)
		}
		ours := losses(t, read1(t, filepath.Join(dir, "run", record.MetricsFile)))
		command := exec.Command(python, "../../testdata/peers/torch_train.py", filepath.Join(dir, "e"), "--threads", "1", "--double")
		command.Stderr = os.Stderr
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		theirs := losses(t, out)
		if len(ours) != 20+17 && len(ours) != 3+17 || len(theirs) != len(ours) {
			t.Fatalf("%s: %d losses, PyTorch has %d", name, len(ours), len(theirs))
		}
		most := 0.
		for i := range ours {
			if apart := math.Abs(ours[i] - theirs[i]); apart > parityTolerance*math.Abs(theirs[i]) {
				t.Errorf("%s: loss %d of 20 steps: %g, PyTorch's %g", name, i, ours[i], theirs[i])
			} else if theirs[i] != 0 {
				most = max(most, apart/math.Abs(theirs[i]))
			}
		}
		t.Logf("%s: at most %.1e apart", name, most)
	}
}

func read1(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// losses are those of all steps, within the batch and against the memory.
func losses(t *testing.T, lines []byte) (list []float64) {
	t.Helper()
	for line := range bytes.Lines(lines) {
		var step struct {
			LR            *float64
			Batch, Memory *event.Term
		}
		if err := json.Unmarshal(line, &step); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if step.LR == nil { // no step
			continue
		}
		for _, term := range []*event.Term{step.Batch, step.Memory} {
			if term != nil {
				list = append(list, term.Loss)
			}
		}
	}
	return list
}
