package graph

import (
	"fmt"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

// With a ReLU that an operation takes in, the output is cut off at 0, and each gradient is
// that without one where dL/dy is 0 wherever y is not above 0.
func TestRectifiedInOnePass(t *testing.T) {
	for name, layer := range map[string]func(b *network.Builder, x network.Value) network.Value{
		"batch norm": func(b *network.Builder, x network.Value) network.Value { return b.BatchNorm(x, "bn") },
		"frozen": func(b *network.Builder, x network.Value) network.Value {
			b.FreezeBatchNorm = true
			return b.BatchNorm(x, "bn")
		},
		"sum": func(b *network.Builder, x network.Value) network.Value {
			x = b.BatchNorm(x, "before")
			return b.Sum(convBlock(b, x, "conv", b.Shape(x)[0], 3, 1), x)
		},
	} {
		for _, shape := range [][]int{{3, 2, 3, 5}, {1, 3, 2, 3}, {5, 17, 2, 2}, {9, 3, 6, 7}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				input := some(network.Elements(shape))
				bare := newLayerTest(t, input, shape, true, layer)
				taken := newLayerTest(t, input, shape, true, func(b *network.Builder, x network.Value) network.Value { return b.ReLU(layer(b, x)) })
				g := some(len(input))
				step := func(l *layerTest, change func(dy, y []float32)) {
					if err := l.graph.Step(func(dy, y []float32) error { copy(dy, g); change(dy, y); return nil }); err != nil {
						t.Fatal(err)
					}
				}
				var want, got []float32
				step(bare, func(dy, y []float32) {
					want = slices.Clone(y)
					for i, v := range y {
						if v <= 0 {
							want[i], dy[i] = 0, 0
						}
					}
				})
				step(taken, func(_, y []float32) { got = slices.Clone(y) })
				if !slices.Equal(got, want) {
					t.Error("another output")
				}
				for i, p := range bare.all {
					if !slices.Equal(taken.all[i].grad, p.grad) {
						t.Errorf("another gradient of %s", p.name)
					}
				}
			})
		}
	}
}
