package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
	"crossbatch/trainer/run/runtest"
)

// spoiledSet is a set of features with one row, of a training class, that no
// network can take, and returns its spec.
func spoiledSet(t *testing.T) string {
	t.Helper()
	const classes, each, dim = 24, 8, 6
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, classes*each*dim)
	labels := make([]int32, classes*each)
	for i := range labels {
		labels[i] = int32(i / each)
		for k := range dim {
			x[i*dim+k] = rng.Float32() + float32(labels[i]*int32(k)%5)
		}
	}
	dir := filepath.Join(t.TempDir(), "set")
	run, err := record.Create(dir, nil, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	spec := "features:" + filepath.Join(dir, record.EmbeddingsFile) + "," + filepath.Join(dir, record.LabelsFile)
	if err := run.Embeddings(x, dim, labels); err != nil {
		t.Fatal(err)
	}
	set, err := sets.Load(spec, sets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := trainer.Default().Parts(set)
	if err != nil {
		t.Fatal(err)
	}
	var row int
	if _, err := fmt.Sscanf(set.Files[split.Train[3]], "row %d", &row); err != nil {
		t.Fatal(err)
	}
	for k := range dim {
		x[row*dim+k] = 3e38
	}
	if err := run.Embeddings(x, dim, labels); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return spec
}

// A training whose numbers are no longer finite ends, says why, and keeps the state
// before; it can go on without the bad batches, which is the same as to be without
// them from the start.
func TestABadBatchEndsARunOrIsSkipped(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	write(t, config, "data: "+spoiledSet(t)+`
backbone: mlp
width: 8
dim: 4
batch: 8
memory: "40"
start: 2
steps: 40
checkpoint-every: 1
validate-every: 20
`)
	ended, skipped := filepath.Join(dir, "ended"), filepath.Join(dir, "skipped")
	code, out := inProcess(context.Background(), "train", "--config", config, "--yardsticks=false", "--baseline=false", "--out", ended)
	list, err := run.Checkpoints(ended).List()
	if err != nil || len(list) != 2 {
		t.Fatalf("%v (%v), want two checkpoints: %s", list, err, out)
	}
	want := fmt.Sprintf(": the training has diverged: lower the learning rate, or set skip-bad-batches to leave out such a batch; the state after %d steps is kept: xbm train --resume %s --skip-bad-batches goes on from there", list[0].Step, ended)
	if last := lastLine(out); code != 1 || !strings.HasPrefix(last, fmt.Sprintf("xbm: trainer: step %d: embedding ", list[0].Step)) || !strings.HasSuffix(last, want) {
		t.Errorf("exit code %d: %s", code, last)
	}
	if _, err := os.Stat(filepath.Join(ended, record.ScoresFile)); err == nil {
		t.Error("it has scores")
	}
	if code, again := inProcess(context.Background(), "train", "--resume", ended); code != 1 || lastLine(again) != lastLine(out) {
		t.Errorf("resumed as it is, exit code %d: %s", code, lastLine(again))
	}

	if code, out = inProcess(context.Background(), "train", "--resume", ended, "--skip-bad-batches"); code != 0 || !strings.Contains(out, "batch skipped") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if code, out := inProcess(context.Background(), "train", "--config", config, "--skip-bad-batches", "--yardsticks=false", "--baseline=false", "--out", skipped); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	runtest.Same(t, ended, skipped)
	if s, err := record.Open(ended); err != nil || s.Outcome.SkippedBatches < 1 || s.Outcome.SkippedBatches > 5 || s.Config["skip-bad-batches"] != true {
		t.Errorf("%+v (%v)", s, err)
	}
	if b, err := os.ReadFile(filepath.Join(ended, record.MetricsFile)); err != nil || !bytes.Contains(b, []byte(`"skipped":"embedding `)) {
		t.Errorf("the metrics do not tell of it (%v)", err)
	}
}
