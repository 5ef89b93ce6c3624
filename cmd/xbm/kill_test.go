package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer/checkpoint"
)

// killConfig has whatever a training can leave behind: chance in the miner and in
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

// A training that is killed at any moment and resumed, as often as it takes, ends
// as one that was not. XBM_KILLS says how often, in one run or several.
func TestKilledAndResumedIsTheSame(t *testing.T) {
	kills := 8
	if testing.Short() {
		kills = 2
	}
	if text := os.Getenv("XBM_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
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
		sameRun(t, folder, whole)
		sameRun(t, filepath.Join(folder, withoutMemory), filepath.Join(whole, withoutMemory))
		if t.Failed() {
			return
		}
	}
	t.Logf("killed %d times in %d runs of %v", killed, runs, longest)
}

// sameRun compares two complete runs of one configuration: all but times is the
// same.
func sameRun(t *testing.T, got, want string) {
	t.Helper()
	for _, name := range []string{record.ConfigFile, record.MetricsFile, record.WeightsFile, record.EmbeddingsFile, record.LabelsFile,
		record.NeighborsFile, record.ExtremesFile, record.WeightsPicture, record.SplitFile, record.PlanFile} {
		a, errA := os.ReadFile(filepath.Join(got, name))
		b, errB := os.ReadFile(filepath.Join(want, name))
		if os.IsNotExist(errA) && os.IsNotExist(errB) {
			continue
		}
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %s is not the same (%v, %v)", got, name, errA, errB)
		}
	}
	if a, b := scores(t, got), scores(t, want); !bytes.Equal(a, b) {
		t.Errorf("%s: scores %s, want %s", got, a, b)
	}
	if a, b := lastState(t, got), lastState(t, want); !bytes.Equal(a, b) {
		t.Errorf("%s: the last checkpoint is not the same", got)
	}
	for _, folder := range []string{got, filepath.Join(got, record.CheckpointFolder)} {
		if left, _ := filepath.Glob(filepath.Join(folder, ".partial-*")); left != nil {
			t.Errorf("%v was left behind", left)
		}
	}
}

// scores are those of a run without what time and place make different.
func scores(t *testing.T, dir string) []byte {
	t.Helper()
	stored, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := *stored.Outcome
	o.Run, o.Seconds, o.ImagesPerSecond, o.Waiting, o.TotalSeconds, o.PeakMemory = "", 0, 0, 0, 0, 0
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// lastState is all that the newest checkpoint of a run holds, but how far it is,
// which has times.
func lastState(t *testing.T, dir string) (all []byte) {
	t.Helper()
	_, damaged, err := stored(dir).Load(func(c *checkpoint.Content) error {
		for _, name := range c.Names() {
			if name != "progress" {
				all = append(append(all, name...), c.Data(name)...)
			}
		}
		return nil
	})
	if err != nil || damaged != nil {
		t.Errorf("%s: %v, %v", dir, damaged, err)
	}
	return all
}
