package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

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
