package graph

import (
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// averagePool is the mean of a window that slides over each channel of x (batch ×
// channels × height × width), zeros around it.
func (b *builder) averagePool(op network.AveragePool, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	batch, channels := in[0], in[1]
	w := newWindow(channels, in[2], in[3], op.Size, op.Stride, op.Pad)
	share := 1 / float32(op.Size*op.Size)
	pixels, places := w.height*w.width, w.columns()
	// rows calls f for every row of places, with each row of pixels that its windows
	// meet.
	rows := func(f func(out, in int)) {
		for oy := range w.outHeight {
			for y := max(0, oy*w.stride-w.pad); y < min(w.height, oy*w.stride-w.pad+w.kernel); y++ {
				f(oy*w.outWidth, y*w.width)
			}
		}
	}
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch*channels, func(c int) {
			x, y := in[0][c*pixels:(c+1)*pixels], dst[c*places:(c+1)*places]
			clear(y)
			rows(func(out, at int) {
				for ox := range w.outWidth {
					left := ox*w.stride - w.pad
					for k := max(0, left); k < min(w.width, left+w.kernel); k++ {
						y[out+ox] += x[at+k]
					}
				}
			})
			kernel.Scale(y, share, y)
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch*channels, func(c int) {
			dx, dy := dst[c*pixels:(c+1)*pixels], in[0][c*places:(c+1)*places]
			clear(dx)
			rows(func(out, at int) {
				for ox := range w.outWidth {
					left := ox*w.stride - w.pad
					for k := max(0, left); k < min(w.width, left+w.kernel); k++ {
						dx[at+k] += share * dy[out+ox]
					}
				}
			})
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("average pool", x, backward, grad)}
	}
	return b.forward("average pool", []int{batch, channels, w.outHeight, w.outWidth}, diff, forward, x)
}
