package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestLinear(t *testing.T) {
	for _, shape := range [][]int{{3, 5}, {1, 1}, {1, 7}, {2, 2, 1, 3}} {
		for _, outputs := range []int{1, 4} {
			t.Run(fmt.Sprint(shape, outputs), func(t *testing.T) {
				inputs := network.Elements(shape[1:])
				l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.Linear(x, "linear", 1, outputs) })
				l.check(t, func(in [][]float64) []float64 {
					var out []float64
					for i := range shape[0] {
						for o := range outputs {
							sum := in[2][o]
							for k := range inputs {
								sum += in[0][i*inputs+k] * in[1][o*inputs+k]
							}
							out = append(out, sum)
						}
					}
					return out
				})
			})
		}
	}
}
