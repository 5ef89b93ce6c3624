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
	// add adds the share of what lies at each pixel of a window, or at its place.
	add := func(dst, src []float32, at func(place, pixel int) (to, from int)) {
		w.visit(func(place, pixel int, _ int32, _ bool) {
			to, from := at(place, pixel)
			kernel.Axpy(dst[to*channels:(to+1)*channels], share, src[from*channels:(from+1)*channels])
		})
	}
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			y := dst[i*places : (i+1)*places]
			clear(y)
			add(y, in[0][i*pixels:(i+1)*pixels], func(place, pixel int) (int, int) { return place, pixel })
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			dx := dst[i*pixels : (i+1)*pixels]
			clear(dx)
			add(dx, in[0][i*places:(i+1)*places], func(place, pixel int) (int, int) { return pixel, place })
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("average pool", x, backward, grad)}
	}
	return b.image("average pool", []int{batch, w.outHeight, w.outWidth, channels}, diff, forward, x)
}
