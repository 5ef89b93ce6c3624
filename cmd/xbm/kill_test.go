package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer/run"
	"crossbatch/trainer/run/runtest"
)

// killConfig has whatever a training can leave behind: random draws in the miner and in
// dropout, augmentation, a memory that is not a plain ring, a start that drift
// decides, looks at drift and at weights, and what the loss itself learns.
const killConfig = `data: glyphs-small
width: 4
dim: 8
batch: 16
augment: glyph
loss: margin:learn_beta=true
miner: distance-weighted
dropout: 0.2
memory: "60"
policy: reservoir
start: auto
start-drift: 3.9
prefill: true
drift-every: 7
inspect-every: 5
steps: 60
validate-every: 15
checkpoint-every: 4
`

// command is this test's binary as xbm.
func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Args = append([]string{"xbm"}, args...)
	return c
}

// killsOf is how often to kill: as XBM_KILLS says, else a usual number, or less with -short.
func killsOf(t *testing.T, usual, short int) int {
	t.Helper()
	if text := os.Getenv("XBM_KILLS"); text != "" {
		kills, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return kills
	}
	if testing.Short() {
		return short
	}
	return usual
}

// A training that is killed at any moment and resumed, as often as it takes, ends
// as one that was not. XBM_KILLS says how often, in one run or several.
func TestKilledAndResumedIsTheSame(t *testing.T) {
	t.Parallel()
	kills := killsOf(t, 6, 2)
	dir := t.TempDir()
	config := filepath.Join(dir, "kill.yaml")
	write(t, config, killConfig)
	whole := filepath.Join(dir, "whole")
	began := time.Now()
	if out, err := command("train", "--config", config, "--yardsticks=false", "--out", whole).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	longest := time.Since(began)

	rng := rand.New(rand.NewPCG(uint64(began.UnixNano()), 0))
	killed, runs := 0, 0
	for ; killed < kills; runs++ {
		folder := filepath.Join(dir, "killed-"+strconv.Itoa(runs))
		for {
			args := []string{"train", "--config", config, "--yardsticks=false", "--out", folder}
			if _, err := os.Stat(filepath.Join(folder, record.ConfigFile)); err == nil {
				args = []string{"train", "--resume", folder}
			}
			c := command(args...)
			var out bytes.Buffer
			c.Stdout, c.Stderr = io.Discard, &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(rng.Int64N(int64(longest))), func() { _ = c.Process.Kill() })
			err := c.Wait()
			timer.Stop()
			if err == nil {
				break
			}
			if c.ProcessState.ExitCode() != -1 { // it was not the signal
				t.Fatalf("after %d kills: %v: %s", killed, err, out.String())
			}
			killed++
		}
		runtest.Same(t, folder, whole)
		runtest.Same(t, filepath.Join(folder, run.WithoutMemoryFolder), filepath.Join(whole, run.WithoutMemoryFolder))
		if t.Failed() {
			return
		}
	}
	t.Logf("killed %d times in %d runs of %v", killed, runs, longest)
}
