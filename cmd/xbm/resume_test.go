package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer/run"
	"crossbatch/trainer/run/runtest"
)

// longConfig is more steps than a test waits for.
const longConfig = `data: glyphs-small
width: 4
dim: 8
batch: 16
memory: "40"
start: 2
steps: 1000000
validate-every: 1000000
inspect-every: 0
schedule: constant
`

// waitFor waits until there is something in a file.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for range 3000 {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: nothing in half a minute", path)
}

// inProcess runs the command in this process and returns its exit code and what it said.
func inProcess(ctx context.Context, args ...string) (int, string) {
	var out bytes.Buffer
	code := execute(ctx, append([]string{"xbm"}, args...), io.Discard, &out)
	return code, out.String()
}

// interrupted leaves a run in dir that was stopped after some steps.
func interrupted(t *testing.T, config, dir string, args ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	write(t, path, config)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		waitFor(t, filepath.Join(dir, record.MetricsFile))
		cancel()
	}()
	code, out := inProcess(ctx, append([]string{"train", "--config", path, "--out", dir}, args...)...)
	if code != 130 || !strings.Contains(out, ": interrupted: go on with xbm train --resume "+dir+"\n") {
		t.Fatalf("exit code %d: %s", code, out)
	}
}

// The step at hand is finished, a checkpoint written, and the exit code that of the
// signal; what comes next says how to go on, and it does.
func TestSignalsStopARun(t *testing.T) {
	for name, c := range map[string]struct {
		signal syscall.Signal
		code   int
	}{
		"interrupted": {syscall.SIGINT, 130}, "terminated": {syscall.SIGTERM, 143},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			config := filepath.Join(t.TempDir(), "long.yaml")
			write(t, config, longConfig)
			process := command("train", "--config", config, "--out", dir)
			var out bytes.Buffer
			process.Stderr = &out
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, filepath.Join(dir, record.MetricsFile))
			if err := process.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			_ = process.Wait() // the exit code is looked at
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			want := "of 1000000 steps: " + name + ": go on with xbm train --resume " + dir
			if last := lines[len(lines)-1]; process.ProcessState.ExitCode() != c.code || !strings.HasPrefix(last, "xbm: trainer: stopped after ") || !strings.HasSuffix(last, want) {
				t.Errorf("exit code %d, want %d: %s", process.ProcessState.ExitCode(), c.code, last)
			}
			if list, err := run.Checkpoints(dir).List(); err != nil || len(list) != 1 {
				t.Errorf("checkpoints %v (%v), want one", list, err)
			}
		})
	}
}

// Whoever has no patience with a long step need not have it.
func TestASecondSignalEndsAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	process := command("train", "--data", "glyphs-small", "--backbone", "resnet50", "--width", "64", "--batch", "200", "--memory", "0", "--steps", "100000", "--out", dir)
	var out bytes.Buffer
	process.Stderr = &out
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(dir, record.SplitFile)) // the first step takes seconds
	for range 2 {
		time.Sleep(300 * time.Millisecond)
		if err := process.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	_ = process.Wait() // its state is looked at
	status, _ := process.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("after %v: %v, want to be ended by the signal: %s", time.Since(began), process.ProcessState, out.String())
	}
}

func TestTwoProcessesInOneFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	lock, err := record.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	interruptedElsewhere := filepath.Join(t.TempDir(), "other")
	interrupted(t, longConfig, interruptedElsewhere)
	other, err := record.Lock(interruptedElsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--data", "glyphs-small", "--width", "4", "--steps", "2", "--out", dir},
		{"--data", "glyphs-small", "--width", "4", "--steps", "2", "--force", "--out", interruptedElsewhere},
		{"--resume", interruptedElsewhere},
	} {
		if code, out := inProcess(context.Background(), append([]string{"train"}, args...)...); code != 1 || !strings.Contains(out, "another process is at work in this folder: wait until it has ended, or choose another folder") {
			t.Errorf("%v: exit code %d: %s", args, code, out)
		}
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(interruptedElsewhere, record.CheckpointFolder)); err != nil {
		t.Errorf("the run that is locked was touched: %v", err)
	}
}

func TestDamageIsToldAndPassedOver(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	write(t, config, strings.ReplaceAll(longConfig, "1000000", "12")+"checkpoint-every: 4\nkeep-checkpoints: 3\n")
	whole, damaged := filepath.Join(dir, "whole"), filepath.Join(dir, "damaged")
	for _, run := range []string{whole, damaged} {
		if code, out := inProcess(context.Background(), "train", "--config", config, "--out", run, "--baseline=false", "--yardsticks=false"); code != 0 {
			t.Fatal(out)
		}
	}
	flip := func(path string) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 4
		write(t, path, string(b))
	}
	if err := os.Remove(filepath.Join(damaged, record.ScoresFile)); err != nil {
		t.Fatal(err)
	}
	flip(filepath.Join(damaged, record.CheckpointFolder, "step-000000012-best.checkpoint"))
	code, out := inProcess(context.Background(), "train", "--resume", damaged)
	if code != 0 || !strings.Contains(out, "checkpoint passed over") || !strings.Contains(out, "step-000000012-best.checkpoint: checkpoint: byte ") || !strings.Contains(out, `"from": "step-000000008.checkpoint"`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	runtest.Same(t, damaged, whole)

	// Without its metrics as they were, no checkpoint is worth anything.
	if err := os.Remove(filepath.Join(damaged, record.ScoresFile)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(damaged, record.MetricsFile), "{\"step\":0}\n")
	code, out = inProcess(context.Background(), "train", "--resume", damaged)
	if last := lastLine(out); code != 1 || !strings.Contains(last, "metrics.jsonl has 11 bytes and had") || !strings.HasSuffix(last, ": train anew with the configuration "+filepath.Join(damaged, record.ConfigFile)) {
		t.Errorf("exit code %d: %s", code, last)
	}
	if b, err := os.ReadFile(filepath.Join(damaged, record.MetricsFile)); err != nil || len(b) != 11 {
		t.Errorf("what was refused was changed: %d bytes (%v)", len(b), err)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// A data set that is not the one that the run was begun with is refused.
func TestDataThatHasChangedIsRefused(t *testing.T) {
	made := filepath.Join(t.TempDir(), "made")
	if code, out := inProcess(context.Background(), "train", "--data", "glyphs-small", "--width", "4", "--dim", "8", "--steps", "1", "--memory", "0", "--yardsticks=false", "--out", made); code != 0 {
		t.Fatal(out)
	}
	numbers := filepath.Join(made, record.EmbeddingsFile)
	dir := filepath.Join(t.TempDir(), "run")
	set := "features:" + numbers + "," + filepath.Join(made, record.LabelsFile)
	interrupted(t, strings.Replace(longConfig, "glyphs-small", set, 1)+"backbone: linear\n", dir)
	b, err := os.ReadFile(numbers)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-4] ^= 1 // the last digit of the last number
	write(t, numbers, string(b))
	metrics, err := os.ReadFile(filepath.Join(dir, record.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	code, out := inProcess(context.Background(), "train", "--resume", dir)
	if last := lastLine(out); code != 1 || !strings.Contains(last, "the data set has changed since the checkpoint: it was \"2020 images of") {
		t.Errorf("exit code %d: %s", code, last)
	}
	if after, err := os.ReadFile(filepath.Join(dir, record.MetricsFile)); err != nil || !bytes.Equal(after, metrics) {
		t.Errorf("what was refused was changed (%v)", err)
	}
}
