package report

import (
	"errors"
	"image"
	"image/png"
	"io"
	"path/filepath"
	"testing"
	"time"

	"crossbatch/eval"
	"crossbatch/eval/drift"
	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/xbm/pair"
)

// config is what of a configuration the tests need, in the files' form.
type config struct {
	Data     string  `yaml:"data"`
	Backbone string  `yaml:"backbone"`
	Dim      int     `yaml:"dim"`
	Loss     string  `yaml:"loss"`
	Miner    string  `yaml:"miner"`
	Memory   string  `yaml:"memory"`
	Batch    int     `yaml:"batch"`
	LR       float64 `yaml:"lr"`
	Steps    int64   `yaml:"steps"`
	Halves   bool    `yaml:"half-memory"`
	Noise    float64 `yaml:"label-noise,omitempty"`
	Seed     int     `yaml:"seed"`
	Split    int     `yaml:"split-seed,omitempty"`
}

func usualKeys() Keys {
	return Keys{
		Defaults: map[string]any{"data": "glyphs", "backbone": "conv4", "dim": 128, "loss": "contrastive", "miner": "none",
			"memory": "100%", "batch": 32, "lr": 0.003, "steps": 4000, "half-memory": false, "seed": 1},
		Watching: []string{"inspect-every", "drift-every"},
		Fitted:   []string{"lr", "loss-lr", "steps"},
	}
}

func plain() config {
	return config{Data: "glyphs", Backbone: "conv4", Dim: 128, Loss: "contrastive", Miner: "none", Memory: "0", Batch: 32, LR: 0.003, Steps: 4000, Seed: 1}
}

// fake makes a run folder as a training would, with this recall.
func fake(t *testing.T, dir string, c config, rows int, recall float64) {
	t.Helper()
	r, err := record.Create(dir, c, record.Options{FS: hasty{}})
	if err != nil {
		t.Fatal(err)
	}
	scores := func(recall float64) eval.Evaluation {
		return eval.Evaluation{Scores: eval.Scores{Means: eval.Means{Recall: eval.Recall{{K: 1, Share: recall}, {K: 2, Share: recall}}, RPrecision: recall / 2, MAPAtR: recall / 4}, Queries: 100}}
	}
	look := &pair.Weights{Positives: []float64{0, 1, 3}, Negatives: []float64{2, 1, 1}, Ages: []float64{1, 0, 3, 0}, EffectiveNegatives: 5}
	for step := range 3 {
		line := event.Inspection{Step: int64(step), Batch: look, FromMemory: 0.5}
		moved := event.Drift{Step: int64(step), Drift: []event.DriftOver{{Delta: 10, Value: 0.1 / float64(step+1)}}}
		if rows > 0 {
			line.Memory = look
			moved.MemoryError = []drift.AgeError{{Age: 0, Error: 0.01, Rows: 3}, {Age: 2.5, Error: 0.02, Rows: 3}}
			relative, cosine := 0.25, 0.5
			moved.GradientError, moved.GradientCosine = &relative, &cosine
		}
		where := event.Direction{Step: int64(step), Direction: event.Cosines{All: 0.5}}
		if memory, batch, share, with := 0.9, 0.4, 0.25, 1.0; rows > 0 && step > 0 {
			where.Direction = event.Cosines{All: 0.7, Batch: &batch, Memory: &memory, FromMemory: &share, WithPositives: &with}
		}
		for _, l := range []event.Event{event.Step{Step: int64(step), LR: 0.5, Rows: rows}, line, moved, where} {
			if err := r.Metric(l); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = errors.Join(
		r.Environment(record.Environment{Go: "go1", Module: "crossbatch", OS: "linux", Arch: "amd64", CPU: "a processor", Cores: 2, Threads: 2,
			Command: []string{"/somewhere/xbm", "ablate", "--data", "a set"}, Started: time.Unix(int64(c.Seed), 0)}),
		r.Write(record.NeighborsFile, func(w io.Writer) error { return png.Encode(w, image.NewGray(image.Rect(0, 0, 4, 4))) }),
		r.Scores(record.Outcome{Run: dir, Steps: c.Steps, Seconds: 10 + float64(rows)/100, ImagesPerSecond: 100, MemoryRows: rows,
			Validation: scores(recall / 2), Test: scores(recall), TotalSeconds: 12, PeakMemory: 64 << 20}),
		r.Close())
	if err != nil {
		t.Fatal(err)
	}
}

// fakeStudy is memory 0 and 100% × batch 16 and 64 × two seeds. The gain of the
// memory is 10 and 12 points at batch 16, 3 and -1 at batch 64.
func fakeStudy(t *testing.T, root string) {
	t.Helper()
	recalls := map[string][]float64{"0/16": {0.5, 0.6}, "100%/16": {0.6, 0.72}, "0/64": {0.7, 0.72}, "100%/64": {0.73, 0.71}}
	for _, memory := range []string{"0", "100%"} {
		for _, batch := range []int{16, 64} {
			for seed := 1; seed <= 2; seed++ {
				c := plain()
				c.Memory, c.Batch, c.Seed = memory, batch, seed
				rows, name := 0, "0/16"
				if memory != "0" {
					rows, name = 1510, "100%/16"
				}
				if batch == 64 {
					name = name[:len(name)-2] + "64"
				}
				fake(t, filepath.Join(root, slug(name, "seed", string(rune('0'+seed)))), c, rows, recalls[name][seed-1])
			}
		}
	}
}

func collect(t *testing.T, dirs ...string) *Collection {
	t.Helper()
	c, err := Collect(dirs, usualKeys())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
