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

func TestHardActivations(t *testing.T) {
	for _, shape := range [][]int{{20, 9}, {1, 1}, {3, 2, 5, 7}} { // up to ±8
		for swish, op := range map[bool]network.Op{true: network.HardSwish{}, false: network.HardSigmoid{}} {
			t.Run(fmt.Sprintf("%v %T", shape, op), func(t *testing.T) {
				l := newLayerTest(t, spaced(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
					return b.Apply(op, nil, x)
				})
				l.check(t, func(in [][]float64) []float64 {
					var out []float64
					for _, v := range in[0] {
						s := min(max(v+3, 0), 6) / 6
						if swish {
							s *= v
						}
						out = append(out, s)
					}
					return out
				})
			})
		}
	}
}
