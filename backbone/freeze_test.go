package backbone

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What is frozen has no gradient and keeps its values and statistics; the rest
// has the gradients that finite differences of the output give.
func TestFreeze(t *testing.T) {
	for _, kind := range Kinds() {
		for _, freeze := range []string{FreezeBatchNorm, FreezeTrunk} {
			t.Run(kind+" "+freeze, func(t *testing.T) {
				cfg := Config{Kind: kind, Channels: 2, Height: 16, Width: 17, Filters: 4, Dim: 6, Freeze: freeze, LayerNorm: true, MaxPool: true, NoNormalize: true}
				if kind == BNInception {
					cfg.Height, cfg.Width = 32, 64
				}
				n, images := randomNet(t, cfg, 3)
				before := map[string][]float32{}
				n.State(func(name string, _ []int, value, _ []float32) { before[name] = slices.Clone(value) })
				emb := make([]float32, 3*6)
				if err := n.Embed(emb, images); err != nil {
					t.Fatal(err)
				}
				err := n.Train(images, func(dEmb, got []float32) error {
					wide := make([]float64, len(emb))
					for i, v := range emb {
						wide[i] = float64(v)
					}
					// With frozen statistics training sees what embedding sees.
					if d := apart(got, wide, norm(wide)); d > 1e-4 {
						t.Errorf("embeddings in training are %g from those outside", d)
					}
					fill(dEmb, 1)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				trained := 0
				n.State(func(name string, _ []int, value, grad []float32) {
					if !slices.Equal(value, before[name]) {
						t.Errorf("%s has changed", name)
					}
					isHead := strings.HasPrefix(name, "head.") || strings.HasPrefix(name, "fc.") || strings.HasPrefix(name, "last_linear.") || strings.HasPrefix(name, "classifier.3.") || strings.HasPrefix(name, "embedding.norm.") ||
						strings.HasPrefix(name, "norm.") && !strings.HasPrefix(kind, "vit")
					isNorm := strings.Contains(name, "bn") || strings.Contains(name, "downsample.1") || strings.Contains(name, "running") ||
						strings.HasPrefix(name, "features.") && (strings.HasSuffix(name, ".1.weight") || strings.HasSuffix(name, ".1.bias"))
					if want := isHead || freeze == FreezeBatchNorm && !isNorm; want != (grad != nil) {
						t.Errorf("%s: trained %t", name, grad != nil)
					}
					if grad != nil && norm(grad) > 0 {
						trained++
					}
				})
				if trained < 3 {
					t.Errorf("%d arrays have a gradient", trained)
				}
			})
		}
	}
	_, err := New(Config{Kind: MLP, Channels: 1, Height: 1, Width: 1, Freeze: "head"})
	if want := `backbone: "head" cannot be frozen: choose bn, trunk or nothing`; fmt.Sprint(err) != want {
		t.Errorf("%v", err)
	}
}
