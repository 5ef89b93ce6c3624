package graph

import (
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// gate multiplies each channel of x (batch × channels × height × width) by a number
// of s (batch × channels).
func (b *builder) gate(x, s *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	planes, plane := in[0]*in[1], in[2]*in[3]
	multiply := func(dst []float32, in [][]float32) {
		kernel.Parallel(planes, func(p int) {
			kernel.Scale(dst[p*plane:(p+1)*plane], in[1][p], in[0][p*plane:(p+1)*plane])
		})
	}
	factorGradient := func(dst []float32, in [][]float32) { // of dy, x
		kernel.Parallel(planes, func(p int) {
			dst[p] = kernel.Dot(in[0][p*plane:(p+1)*plane], in[1][p*plane:(p+1)*plane])
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{
			b.gradient("gate input", x, multiply, grad, s),
			b.gradient("gate factor", s, factorGradient, grad, x),
		}
	}
	return b.forward("gate", in, diff, multiply, x, s)
}
