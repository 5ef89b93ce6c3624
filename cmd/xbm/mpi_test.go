//go:build mpi

package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/run"
	"crossbatch/trainer/run/runtest"
	"crossbatch/xbm"
)

// These tests start ranks by mpirun on this machine, more than it has processors.

// mpirun is this test's binary as xbm on so many ranks; 0 is without MPI.
func mpirun(t *testing.T, size int, args ...string) *exec.Cmd {
	t.Helper()
	if size == 0 {
		return command(args...)
	}
	program := filepath.Join(t.TempDir(), "xbm")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("mpirun", append([]string{"-n", strconv.Itoa(size), "--oversubscribe", "--bind-to", "none", program}, args...)...)
	c.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	return c
}

// trainOn trains on so many ranks.
func trainOn(t *testing.T, size int, dir string, flags ...string) {
	t.Helper()
	args := append([]string{"train", "--data", "glyphs-small", "--untrained=false", "--without-memory=false", "--out", dir}, flags...)
	if out, err := mpirun(t, size, args...).CombinedOutput(); err != nil {
		t.Fatalf("%d ranks: %v: %s", size, err, out)
	}
}

// losses are those of all steps of a run, and rows those of its memory at the end.
func lossesAndRows(t *testing.T, dir string) (losses []float64, rows []float32) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, record.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var step event.Step
		if json.Unmarshal(line, &step) != nil || step.LR == 0 {
			continue
		}
		for _, term := range []*event.Term{step.Batch, step.Memory} {
			if term != nil {
				losses = append(losses, term.Loss)
			}
		}
	}
	_, _, err = run.Checkpoints(dir).Load(func(c *checkpoint.Content) error {
		m, err := xbm.NewMemory(500, 128)
		if err != nil {
			return err
		}
		err = m.UnmarshalBinary(c.Data("memory"))
		rows = m.Rows()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return losses, rows
}

func furthest[T float32 | float64](a, b []T) (most float64) {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	for i := range a {
		most = max(most, math.Abs(float64(a[i]-b[i])))
	}
	return most
}

// One, two and four ranks are one process: over 50 steps every loss and, at the end, every
// number of the memory, to a millionth, without batch normalisation and with it
// synchronised. SGD with a small rate, as larger steps drive apart what differs by
// rounding: so do one process with AVX-512 and one with AVX2.
func TestMPIIsOneProcess(t *testing.T) {
	for name, flags := range map[string][]string{
		"mlp":    {"--backbone", "mlp", "--lr", "0.002"},
		"frozen": {"--freeze", "bn", "--lr", "0.005"},
		"sync":   {"--sync-bn", "--dropout", "0.1", "--lr", "0.005"},
		"shared": {"--share-memory", "--backbone", "mlp", "--lr", "0.002", "--half-memory=false"},
		"mined":  {"--share-memory", "--sync-bn", "--lr", "0.005", "--loss", "multi-similarity", "--miner", "multi-similarity"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			at := func(size int) string { return filepath.Join(dir, strconv.Itoa(size)) }
			flags := append([]string{"--steps", "50", "--start", "5", "--memory", "500", "--validate-every", "50",
				"--optimizer", "sgd", "--momentum", "0.9", "--width", "8"}, flags...)
			trainOn(t, 0, at(0), flags...)
			losses, rows := lossesAndRows(t, at(0))
			sizes := []int{1, 2, 4}
			if testing.Short() {
				sizes = []int{2, 4}
			}
			for _, size := range sizes {
				trainOn(t, size, at(size), flags...)
				l, r := lossesAndRows(t, at(size))
				t.Logf("%d ranks: losses differ by up to %.1e, the memory by %.1e", size, furthest(l, losses), furthest(r, rows))
				if furthest(l, losses) > 1e-6 || furthest(r, rows) > 1e-6 {
					t.Errorf("%d ranks are not one process", size)
				}
				if size == 1 {
					runtest.Same(t, at(1), at(0))
				}
			}
		})
	}
}

// The same ranks give the same bytes, with all that is left to chance.
func TestMPIGivesTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "chance.yaml")
	write(t, config, killConfig)
	for _, name := range []string{"a", "b"} {
		trainOn(t, 2, filepath.Join(dir, name), "--config", config, "--steps", "20")
	}
	runtest.Same(t, filepath.Join(dir, "a"), filepath.Join(dir, "b"))
}

// A rank that is killed ends all, and the run goes on from its last checkpoint to what it
// would have been: with as many ranks, to the byte. XBM_KILLS says how often.
func TestMPIRankIsKilled(t *testing.T) {
	for name, text := range map[string]string{"whole": killConfig, "shared": sharedKillConfig} {
		t.Run(name, func(t *testing.T) { rankIsKilled(t, text) })
	}
}

func rankIsKilled(t *testing.T, text string) {
	kills := killsOf(t, 2, 1)
	dir := t.TempDir()
	config := filepath.Join(dir, "kill.yaml")
	write(t, config, text)
	whole := filepath.Join(dir, "whole")
	began := time.Now()
	trainOn(t, 2, whole, "--config", config)
	again := killing{
		args:    []string{"train", "--config", config, "--untrained=false", "--without-memory=false"},
		start:   func(args ...string) *exec.Cmd { return mpirun(t, 2, args...) },
		longest: time.Since(began),
		kill: func(c *exec.Cmd, rng *rand.Rand) {
			if ranks := children(c.Process.Pid); len(ranks) > 0 {
				_ = ranks[rng.IntN(len(ranks))].Kill()
			}
		},
		isKilled: func(_ *exec.Cmd, out string) bool {
			return strings.Contains(out, "signal 9") || strings.Contains(out, "SIGKILL")
		},
	}
	runs := again.until(t, kills, dir, func(folder string) { runtest.Same(t, folder, whole) })
	t.Logf("%d ranks killed in %d runs", kills, runs)
}

// sharedKillConfig has a memory that is shared out, whose rows leave for their age, and go
// from rank to rank.
const sharedKillConfig = `data: glyphs-small
width: 4
dim: 8
batch: 16
augment: glyph
loss: margin:learn_beta=true
miner: batch-hard
dropout: 0.2
memory: "60"
policy: keyed
max-age: 5
share-memory: true
start: auto
start-drift: 3.9
prefill: true
inspect-every: 5
steps: 60
validate-every: 15
checkpoint-every: 4
`

// children are the processes that one has started.
func children(parent int) (list []*os.Process) {
	out, err := exec.Command("pgrep", "-P", strconv.Itoa(parent), "xbm").Output()
	if err != nil {
		return nil
	}
	for _, text := range strings.Fields(string(out)) {
		if id, err := strconv.Atoi(text); err == nil {
			if p, err := os.FindProcess(id); err == nil {
				list = append(list, p)
			}
		}
	}
	return list
}

// What is wrong is told once, by rank 0, and nothing is written.
func TestMPITellsOfErrorsOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	for want, flags := range map[string][]string{
		"to be shared out to 3 ranks": {"--batch", "32"},
		"there is no such loss":       {"--loss", "nonesuch"},
		"no such file":                {"--batch", "24", "--weights", "missing.safetensors"},
	} {
		out, err := mpirun(t, 3, append([]string{"train", "--data", "glyphs-small", "--out", dir}, flags...)...).CombinedOutput()
		if err == nil || strings.Count(string(out), "xbm: ") != 1 || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v: %s", flags, err, out)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%v: the folder was made: %v", flags, err)
		}
	}
}
