package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// gate multiplies each channel of x by a number of s (batch × channels).
func (b *builder) gate(x, s *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	in := x.Shape()
	batch, plane, channels := in[0], in[1]*in[2], in[3]
	multiply := func(dst []float32, in [][]float32) {
		each(batch*plane, func(from, to int) {
			for p := from; p < to; p++ {
				kernel.Multiply(dst[p*channels:(p+1)*channels], in[0][p*channels:(p+1)*channels], in[1][p/plane*channels:][:channels])
			}
		})
	}
	factorGradient := func(dst []float32, in [][]float32) { // of dy, x
		kernel.Parallel(batch, func(i int) {
			sums := dst[i*channels : (i+1)*channels]
			clear(sums)
			for p := i * plane; p < (i+1)*plane; p++ {
				arithmetic.MultiplyAdd(sums, in[0][p*channels:(p+1)*channels], in[1][p*channels:(p+1)*channels])
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{
			b.gradient("gate input", x, multiply, grad, s),
			b.gradient("gate factor", s, factorGradient, grad, x),
		}
	}
	return b.image("gate", in, diff, multiply, x, s)
}
