package backbone

import (
	"slices"
	"testing"
)

// Forward finds the embeddings that Train does, to the bit, and nothing of the
// network is another for it.
func TestForwardIsTrainWithoutItsTraces(t *testing.T) {
	for name, cfg := range map[string]Config{
		"batch norm": {Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 4, Seed: 5},
		"dropout":    {Kind: MLP, Channels: 1, Height: 5, Width: 4, Filters: 12, Dim: 5, Dropout: 0.5, Seed: 5},
		"chunks":     {Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 4, Dropout: 0.5, Chunk: 4, Seed: 5},
		"resnet":     {Kind: ResNet18, Channels: 3, Height: 16, Width: 16, Filters: 2, Dim: 4, LayerNorm: true, Seed: 5},
		"frozen":     {Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 4, Freeze: FreezeBatchNorm, Seed: 5},
	} {
		t.Run(name, func(t *testing.T) {
			const rows = 11
			n, images := randomNet(t, cfg, rows)
			other, _ := randomNet(t, cfg, rows) // never goes forward alone
			got, evaluated := make([]float32, rows*cfg.Dim), make([]float32, rows*cfg.Dim)
			for step := range 3 {
				before, gradients := values(n), grads(n)
				if err := n.Forward(got, images); err != nil {
					t.Fatal(err)
				}
				for name, value := range values(n) {
					if !slices.Equal(value, before[name]) || !slices.Equal(grads(n)[name], gradients[name]) {
						t.Errorf("step %d: %s or its gradient has moved", step, name)
					}
				}
				if err := n.Embed(evaluated, images); err != nil {
					t.Fatal(err)
				}
				if name != "frozen" && slices.Equal(got, evaluated) {
					t.Error("the embeddings are those of evaluation mode")
				}
				for _, net := range []*Net{n, other} {
					err := net.Train(images, func(dEmb, emb []float32) error {
						if !slices.Equal(emb, got) {
							t.Errorf("step %d: Train finds other embeddings", step)
						}
						copy(dEmb, emb)
						dEmb[0]++
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			for name, value := range values(n) {
				if !slices.Equal(value, values(other)[name]) {
					t.Errorf("%s is not as if there had been no Forward", name)
				}
			}
		})
	}
}

// grads are copies of the gradients, by name.
func grads(n *Net) map[string][]float32 {
	all := map[string][]float32{}
	n.State(func(name string, _ []int, _, grad []float32) { all[name] = slices.Clone(grad) })
	return all
}

func TestForwardRefusesLengthsThatDoNotFit(t *testing.T) {
	n, images := randomNet(t, tiny, 3)
	for what, err := range map[string]error{
		"no images":      n.Forward(nil, nil),
		"half an image":  n.Forward(make([]float32, 1), images[:3]),
		"too few places": n.Forward(make([]float32, 2), images),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
