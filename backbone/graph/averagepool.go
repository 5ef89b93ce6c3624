package graph

import (
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// averagePool is the mean of a window that slides over each channel of x, zeros around
// it.
func (b *builder) averagePool(op network.AveragePool, x *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	in := x.Shape()
	batch, channels := in[0], in[3]
	w := newWindow(channels, in[1], in[2], op.Size, op.Stride, op.Pad)
	share := 1 / float32(op.Size*op.Size)
	pixels, places := w.height*w.width*channels, w.columns()*channels
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			x, y := in[0][i*pixels:(i+1)*pixels], dst[i*places:(i+1)*places]
			clear(y)
			w.visit(func(place, pixel int, _ int32, _ bool) {
				kernel.Axpy(y[place*channels:(place+1)*channels], share, x[pixel*channels:(pixel+1)*channels])
			})
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			dx, dy := dst[i*pixels:(i+1)*pixels], in[0][i*places:(i+1)*places]
			clear(dx)
			w.visit(func(place, pixel int, _ int32, _ bool) {
				kernel.Axpy(dx[pixel*channels:(pixel+1)*channels], share, dy[place*channels:(place+1)*channels])
			})
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("average pool", x, backward, grad)}
	}
	return b.image("average pool", []int{batch, w.outHeight, w.outWidth, channels}, diff, forward, x)
}
