package graph

import (
	"fmt"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

func TestGlobalAverage(t *testing.T) {
	for _, shape := range [][]int{{2, 3, 4, 5}, {1, 1, 1, 1}, {3, 2, 7, 1}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.GlobalAverage(x) })
			l.check(t, func(in [][]float64) []float64 {
				plane := shape[2] * shape[3]
				out := make([]float64, shape[0]*shape[1])
				for i, x := range in[0] {
					out[i/plane] += x / float64(plane)
				}
				return out
			})
		})
	}
}

func TestGlobalMax(t *testing.T) {
	for _, shape := range [][]int{{2, 3, 4, 5}, {1, 1, 1, 1}, {3, 2, 7, 1}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, spaced(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.GlobalMax(x) })
			l.check(t, func(in [][]float64) []float64 {
				var out []float64
				for plane := range slices.Chunk(in[0], shape[2]*shape[3]) {
					out = append(out, slices.Max(plane))
				}
				return out
			})
		})
	}
}
