package graph

import (
	"fmt"
	"math"
	"testing"

	"crossbatch/backbone/network"
)

func TestLayerNorm(t *testing.T) {
	for _, shape := range [][]int{{3, 5}, {1, 7}, {4, 3}, {2, 3, 5}, {1, 2, 40}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.LayerNorm(x, "norm") })
			l.check(t, func(in [][]float64) []float64 {
				var out []float64
				dim := shape[len(shape)-1]
				for i := range len(in[0]) / dim {
					row := in[0][i*dim : (i+1)*dim]
					var mean, variance float64
					for _, x := range row {
						mean += x / float64(dim)
					}
					for _, x := range row {
						variance += (x - mean) * (x - mean) / float64(dim)
					}
					for j, x := range row {
						out = append(out, (x-mean)/math.Sqrt(variance+1e-5)*in[1][j]+in[2][j])
					}
				}
				return out
			})
		})
	}
}
