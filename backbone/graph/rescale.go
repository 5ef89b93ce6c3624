package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// rescale makes other channels of x (batch × channels × height × width).
func (b *builder) rescale(op network.Rescale, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	batch, before, after, plane := in[0], in[1], len(op.From), in[2]*in[3]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			for c, from := range op.From {
				arithmetic.Affine(dst[(i*after+c)*plane:][:plane], in[0][(i*before+from)*plane:][:plane], 0, op.Factor[c], op.Shift[c])
			}
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			clear(dst[i*before*plane : (i+1)*before*plane])
			for c, from := range op.From {
				kernel.Axpy(dst[(i*before+from)*plane:][:plane], op.Factor[c], in[0][(i*after+c)*plane:][:plane])
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("rescale", x, backward, grad)}
	}
	return b.forward("rescale", []int{batch, after, in[2], in[3]}, diff, forward, x)
}
