package graph

import (
	"testing"

	"crossbatch/backbone/network"
)

// convBlock is a convolution that keeps the size but for the stride, and batch
// normalisation.
func convBlock(b *network.Builder, x network.Value, name string, filters, size, stride int) network.Value {
	x = b.Convolution(x, name, network.Convolution{Filters: filters, Size: size, Stride: stride, Pad: size / 2})
	return b.BatchNorm(x, name+"bn")
}

// A bottleneck without its ReLUs, whose kinks finite differences do not like:
// with a shortcut of its own and without.
func TestBottleneck(t *testing.T) {
	for name, c := range map[string]struct{ channels, inner, outer, stride int }{
		"projected": {5, 3, 4, 2}, "identity": {4, 3, 4, 1},
	} {
		t.Run(name, func(t *testing.T) {
			shape := []int{3, c.channels, 4, 5}
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				// A block before it: its output is what both branches read.
				x = convBlock(b, x, "conv0", c.channels, 1, 1)
				y := convBlock(b, x, "conv1", c.inner, 1, 1)
				y = convBlock(b, y, "conv2", c.inner, 3, c.stride)
				y = convBlock(b, y, "conv3", c.outer, 1, 1)
				if c.channels != c.outer || c.stride > 1 {
					x = convBlock(b, x, "down", c.outer, 1, c.stride)
				}
				return b.Sum(y, x)
			})
			l.least = 1 // shifts before a batch norm have no gradient but rounding
			l.check(t, func(in [][]float64) []float64 {
				block := func(x []float64, shape []int, at, filters, size, stride int) ([]float64, []int) {
					y := plainConvolution([][]float64{x, in[at]}, shape, filters, size, stride, size/2)
					out := []int{shape[0], filters, (shape[2]-1)/stride + 1, (shape[3]-1)/stride + 1}
					mean, variance := plainStatistics(y, out)
					return plainBatchNorm(y, out, mean, variance, in[at+1], in[at+2]), out
				}
				// Each block has five arrays: weight, scale, shift and two statistics.
				x, _ := block(in[0], shape, 1, c.channels, 1, 1)
				y, s := block(x, shape, 6, c.inner, 1, 1)
				y, s = block(y, s, 11, c.inner, 3, c.stride)
				y, _ = block(y, s, 16, c.outer, 1, 1)
				skip := x
				if c.channels != c.outer || c.stride > 1 {
					skip, _ = block(x, shape, 21, c.outer, 1, c.stride)
				}
				for i := range y {
					y[i] += skip[i]
				}
				return y
			})
		})
	}
}
