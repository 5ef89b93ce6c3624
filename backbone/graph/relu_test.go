package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestReLU(t *testing.T) {
	for _, shape := range [][]int{{2, 3}, {1, 1}, {3, 2, 1, 5}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, spaced(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.ReLU(x) })
			l.check(t, func(in [][]float64) []float64 {
				out := make([]float64, len(in[0]))
				for i, v := range in[0] {
					out[i] = max(v, 0)
				}
				return out
			})
		})
	}
}

func TestReLUHasNoGradientAtZero(t *testing.T) {
	l := newLayerTest(t, []float32{0, 1}, []int{1, 2}, true, func(b *network.Builder, x network.Value) network.Value { return b.ReLU(x) })
	if err := l.graph.Step(func(dy, _ []float32) error { fill(dy, 1); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := l.all[0].grad; got[0] != 0 || got[1] != 1 {
		t.Errorf("gradient %v, want [0 1]", got)
	}
}
