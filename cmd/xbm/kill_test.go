package main

import (
	"bytes"
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

	again := killing{
		args: []string{"train", "--config", config, "--yardsticks=false"}, start: command, longest: longest,
		kill:     func(c *exec.Cmd, _ *rand.Rand) { _ = c.Process.Kill() },
		isKilled: func(c *exec.Cmd, _ string) bool { return c.ProcessState.ExitCode() == -1 },
	}
	runs := again.until(t, kills, dir, func(folder string) {
		runtest.Same(t, folder, whole)
		runtest.Same(t, filepath.Join(folder, run.WithoutMemoryFolder), filepath.Join(whole, run.WithoutMemoryFolder))
	})
	t.Logf("killed %d times in %d runs of %v", kills, runs, longest)
}

// killing is a run that is killed at any moment and resumed.
type killing struct {
	args     []string // that begin the run, but for --out
	start    func(args ...string) *exec.Cmd
	longest  time.Duration // that it takes
	kill     func(*exec.Cmd, *rand.Rand)
	isKilled func(c *exec.Cmd, out string) bool // why it ended
}

// until makes runs until one has been killed so many times, and shows each when it is
// complete. It returns how many there were.
func (k killing) until(t *testing.T, kills int, dir string, same func(folder string)) (runs int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for killed := 0; killed < kills && !t.Failed(); runs++ {
		folder := filepath.Join(dir, "killed-"+strconv.Itoa(runs))
		for {
			args := append(k.args[:len(k.args):len(k.args)], "--out", folder)
			if _, err := os.Stat(filepath.Join(folder, record.ConfigFile)); err == nil {
				args = []string{"train", "--resume", folder}
			}
			c := k.start(args...)
			var out bytes.Buffer
			c.Stdout, c.Stderr = &out, &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			after := time.Duration(rng.Int64N(int64(k.longest)))
			timer := time.AfterFunc(after, func() { k.kill(c, rng) })
			err := c.Wait()
			timer.Stop()
			if err == nil {
				break
			}
			if !k.isKilled(c, out.String()) {
				t.Fatalf("after %d kills: %v: %s", killed, err, out.String())
			}
			killed++
		}
		same(folder)
	}
	return runs
}
