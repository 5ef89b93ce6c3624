package run

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/record"
)

// A run as the first version left it: fewer keys, the same weights.
const firstConfig = `data: glyphs-small
split-seed: 1
backbone: conv4
width: 4
dim: 8
loss: contrastive
memory: "0"
memory-weight: 1
start: 500
batch: 16
per-class: 4
steps: 6
optimizer: adam
lr: 0.003
schedule: cosine
warmup: 0
weight-decay: 0
momentum: 0
validate-every: 6
seed: 1
`

func TestARunOpensAgain(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, record.ConfigFile), firstConfig)
	config, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if config.Network.Width != 4 || config.Loss.Miner != "none" {
		t.Errorf("%+v", config)
	}
	s := &Session{}
	if err := s.load(config); err != nil {
		t.Fatal(err)
	}
	if _, err := s.savedNetwork(dir, config); err == nil || !strings.Contains(err.Error(), "not come to its end") {
		t.Errorf("without weights: %v", err)
	}
	config.Seed = 7 // other weights
	config.Network.Weights = "nowhere"
	net, err := s.network(config)
	if err == nil || net != nil {
		t.Errorf("weights from nowhere: %v", err)
	}
	config.Network.Weights = ""
	if net, err = s.network(config); err != nil {
		t.Fatal(err)
	}
	var weights, again bytes.Buffer
	if err := net.WriteSafetensors(&weights); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, record.WeightsFile), weights.String())
	config.Seed, config.Network.Weights = 1, "nowhere" // what a run started from may be gone
	if net, err = s.savedNetwork(dir, config); err != nil {
		t.Fatal(err)
	}
	if err := net.WriteSafetensors(&again); err != nil || !bytes.Equal(weights.Bytes(), again.Bytes()) {
		t.Errorf("other weights (%v)", err)
	}
	config.Network.Width = 5
	if _, err := s.savedNetwork(dir, config); err == nil || !strings.Contains(err.Error(), "want [5 1 3 3]") {
		t.Errorf("another network's weights: %v", err)
	}
}

func TestWhatIsNoRunIsRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, record.ConfigFile), firstConfig)
	for want, config := range map[string]string{
		"steps is 0":          "steps: 0\n",
		"field nonsense":      "nonsense: 1\n",
		"config.yaml: yaml: ": "data: [\n",
		"no run: it has no c": "",
	} {
		path := filepath.Join(dir, record.ConfigFile)
		if config == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, path, config)
		}
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", config, err, want)
		}
		write(t, path, firstConfig)
	}
	if _, err := Read(filepath.Join(dir, "nowhere")); err == nil || !strings.Contains(err.Error(), "no such folder") {
		t.Error(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
