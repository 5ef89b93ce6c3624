package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestAveragePool(t *testing.T) {
	for _, c := range []struct {
		shape             []int
		size, stride, pad int
	}{
		{[]int{2, 2, 6, 5}, 3, 1, 1}, {[]int{1, 1, 1, 1}, 3, 1, 1}, {[]int{1, 3, 4, 5}, 2, 2, 0}, {[]int{2, 1, 7, 5}, 3, 2, 1},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(c.shape)), c.shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.Apply(network.AveragePool{Size: c.size, Stride: c.stride, Pad: c.pad}, nil, x)
			})
			l.check(t, func(in [][]float64) []float64 {
				ones := make([]float64, c.size*c.size)
				for i := range ones {
					ones[i] = 1 / float64(len(ones))
				}
				planes := []int{c.shape[0] * c.shape[1], 1, c.shape[2], c.shape[3]}
				return plainConvolution([][]float64{in[0], ones}, planes, 1, c.size, c.stride, c.pad)
			})
		})
	}
}
