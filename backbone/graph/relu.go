package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// relu is max(x, 0), for any shape whose first dimension is the batch. Its
// gradient at 0 is 0.
func (b *builder) relu(x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, size := shape[0], shape.TotalSize()/shape[0]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			arithmetic.Rectify(dst[i*size:(i+1)*size], in[0][i*size:(i+1)*size])
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			arithmetic.Rectified(dst[i*size:(i+1)*size], in[0][i*size:(i+1)*size], in[1][i*size:(i+1)*size])
		})
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("relu", x, backward, grad, y)}
	}
	return b.forward("relu", shape, diff, forward, x)
}
