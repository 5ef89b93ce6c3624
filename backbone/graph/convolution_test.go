package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestConvolution(t *testing.T) {
	for _, c := range []struct {
		shape                        []int
		filters, kernel, stride, pad int
		bias                         bool
	}{
		{shape: []int{2, 2, 5, 4}, filters: 3, kernel: 3, stride: 1, pad: 1},
		{shape: []int{1, 1, 3, 3}, filters: 1, kernel: 3, stride: 1, pad: 0, bias: true},
		{shape: []int{3, 2, 4, 7}, filters: 2, kernel: 3, stride: 2, pad: 1, bias: true},
		{shape: []int{1, 3, 5, 5}, filters: 2, kernel: 1, stride: 1, pad: 0},
		{shape: []int{2, 1, 7, 6}, filters: 2, kernel: 5, stride: 3, pad: 2},
		{shape: []int{2, 1, 2, 1}, filters: 2, kernel: 3, stride: 1, pad: 1},
		{shape: []int{1, 1, 2, 2}, filters: 1, kernel: 2, stride: 1, pad: 3, bias: true},
		{shape: []int{2, 16, 3, 4}, filters: 17, kernel: 3, stride: 1, pad: 1, bias: true}, // by tiles
		{shape: []int{19, 1, 2, 3}, filters: 1, kernel: 3, stride: 1, pad: 1, bias: true},  // more images than pieces
	} {
		t.Run(fmt.Sprintf("%v kernel %d stride %d pad %d", c.shape, c.kernel, c.stride, c.pad), func(t *testing.T) {
			op := network.Convolution{Filters: c.filters, Size: c.kernel, Stride: c.stride, Pad: c.pad, Bias: c.bias}
			l := newLayerTest(t, some(network.Elements(c.shape)), c.shape, true, func(b *network.Builder, x network.Value) network.Value { return b.Convolution(x, "conv", op) })
			l.check(t, func(in [][]float64) []float64 {
				return plainConvolution(in, c.shape, c.filters, c.kernel, c.stride, c.pad)
			})
		})
	}
}

func plainConvolution(in [][]float64, shape []int, filters, kernel, stride, pad int) []float64 {
	x, weight := in[0], in[1]
	batch, channels, height, width := shape[0], shape[1], shape[2], shape[3]
	var out []float64
	for n := range batch {
		for f := range filters {
			for oy := 0; oy+kernel <= height+2*pad; oy += stride {
				for ox := 0; ox+kernel <= width+2*pad; ox += stride {
					var sum float64
					if len(in) == 3 {
						sum = in[2][f]
					}
					for c := range channels {
						for ky := range kernel {
							for kx := range kernel {
								y, x0 := oy+ky-pad, ox+kx-pad
								if y >= 0 && y < height && x0 >= 0 && x0 < width {
									sum += x[((n*channels+c)*height+y)*width+x0] * weight[((f*channels+c)*kernel+ky)*kernel+kx]
								}
							}
						}
					}
					out = append(out, sum)
				}
			}
		}
	}
	return out
}
