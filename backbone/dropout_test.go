package backbone

import (
	"slices"
	"testing"
)

func TestDropoutIsOffWhenEmbedding(t *testing.T) {
	cfg := Config{Kind: Linear, Channels: 1, Height: 4, Width: 4, Dim: 5, Seed: 3}
	plain, images := randomNet(t, cfg, 3)
	cfg.Dropout = 0.5
	dropping, _ := randomNet(t, cfg, 3)
	a, b := make([]float32, 15), make([]float32, 15)
	if err := plain.Embed(a, images); err != nil {
		t.Fatal(err)
	}
	if err := dropping.Embed(b, images); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) {
		t.Error("embeddings differ")
	}
	cfg.Dropout = 1
	if _, err := New(cfg); err == nil {
		t.Error("dropout of 1 is not refused")
	}
}
