package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// sum is y + s, of one shape.
func (b *builder) sum(y, s *gorgonia.Node) *gorgonia.Node {
	shape := y.Shape()
	batch, size := shape[0], shape.TotalSize()/shape[0]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			at, end := i*size, (i+1)*size
			arithmetic.Combine(dst[at:end], in[0][at:end], in[1][at:end], 1, 1, 0, 0)
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{grad, grad}
	}
	return b.forward("sum", shape, diff, forward, y, s)
}
