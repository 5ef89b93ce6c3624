package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestRescale(t *testing.T) {
	op := network.Rescale{From: []int{2, 0, 2}, Factor: []float32{0.5, -2, 3}, Shift: []float32{1, 0, -4}}
	for _, shape := range [][]int{{2, 3, 3, 5}, {1, 3, 1, 1}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.Apply(op, nil, x)
			})
			l.check(t, func(in [][]float64) []float64 {
				plane := shape[2] * shape[3]
				var out []float64
				for i := range shape[0] {
					for c, from := range op.From {
						for p := range plane {
							out = append(out, in[0][(i*3+from)*plane+p]*float64(op.Factor[c])+float64(op.Shift[c]))
						}
					}
				}
				return out
			})
		})
	}
}
