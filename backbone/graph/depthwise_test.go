package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestDepthwise(t *testing.T) {
	for _, c := range []struct {
		shape             []int
		size, stride, pad int
	}{
		{[]int{2, 3, 5, 4}, 3, 1, 1}, {[]int{1, 1, 1, 1}, 5, 1, 2}, {[]int{3, 2, 7, 6}, 5, 2, 2}, {[]int{1, 2, 6, 5}, 3, 2, 1}, {[]int{2, 2, 3, 3}, 3, 1, 0},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(c.shape)), c.shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.Depthwise(x, "conv", network.Depthwise{Size: c.size, Stride: c.stride, Pad: c.pad})
			})
			l.check(t, func(in [][]float64) []float64 {
				plane, size := c.shape[2]*c.shape[3], c.size*c.size
				var out []float64
				for p := range c.shape[0] * c.shape[1] {
					one := [][]float64{in[0][p*plane : (p+1)*plane], in[1][p%c.shape[1]*size:][:size]}
					out = append(out, plainConvolution(one, []int{1, 1, c.shape[2], c.shape[3]}, 1, c.size, c.stride, c.pad)...)
				}
				return out
			})
		})
	}
}
