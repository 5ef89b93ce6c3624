package backbone

import (
	"testing"

	"gorgonia.org/gorgonia"
)

// chain is layers one after the other.
type chain []layer

func (l chain) apply(b *builder, x *gorgonia.Node) *gorgonia.Node {
	for _, m := range l {
		x = m.apply(b, x)
	}
	return x
}

// bottleneckOf is the block of TestBottleneck.
func bottleneckOf(s *state, channels, inner, outer, stride int) residual {
	block := residual{main: convBlock(s, "conv1", "bn1", inner, channels, 1, 1)}
	block.main = append(block.main, convBlock(s, "conv2", "bn2", inner, inner, 3, stride)...)
	block.main = append(block.main, convBlock(s, "conv3", "bn3", outer, inner, 1, 1)...)
	if channels != outer || stride > 1 {
		block.shortcut = convBlock(s, "down", "downbn", outer, channels, 1, stride)
	}
	return block
}

// A bottleneck without its ReLUs, whose kinks finite differences do not like:
// with a shortcut of its own and without.
func TestBottleneck(t *testing.T) {
	for name, c := range map[string]struct{ channels, inner, outer, stride int }{
		"projected": {5, 3, 4, 2}, "identity": {4, 3, 4, 1},
	} {
		t.Run(name, func(t *testing.T) {
			shape := []int{3, c.channels, 4, 5}
			l := newLayerTest(t, some(elements(shape)), shape, true, func(s *state) layer {
				// A block before it: its output is what both branches read.
				first := convBlock(s, "conv0", "bn0", c.channels, c.channels, 1, 1)
				return append(chain(first), bottleneckOf(s, c.channels, c.inner, c.outer, c.stride))
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
