package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// windowPool is the largest element in each place of a window that slides over each
// channel of x; what lies outside does not count. Of equal elements the first, by rows,
// gets the gradient.
func (b *builder) windowPool(l network.MaxPool, out []int, x *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	in := x.Shape()
	p := &windowPooler{window: newWindow(in[3], in[1], in[2], l.Size, l.Stride, l.Pad), batch: in[0]}
	p.outHeight, p.outWidth = out[1], out[2] // with Ceil more than fit
	shape := []int{in[0], p.outHeight, p.outWidth, in[3]}
	p.winner = make([]int32, network.Elements(shape))
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that this comes after it.
		return gorgonia.Nodes{b.gradient("window pool", x, p.backward, grad, y)}
	}
	return b.image("window pool", shape, diff, p.forward, x)
}

// windowPooler works with the channels of a pixel side by side, all at once.
type windowPooler struct {
	window
	batch  int
	winner []int32 // of each place and channel, which place of the window it was, or -1
}

func (p *windowPooler) forward(dst []float32, in [][]float32) {
	c, pixels, places := p.channels, p.height*p.width, p.columns()
	kernel.Parallel(p.batch, func(i int) {
		x, best := in[0][i*c*pixels:(i+1)*c*pixels], dst[i*c*places:(i+1)*c*places]
		winner := p.winner[i*places*c : (i+1)*places*c]
		for j := range winner {
			winner[j] = -1
		}
		clear(best)
		p.visit(func(place, pixel int, k int32, first bool) {
			y, w := best[place*c:(place+1)*c], winner[place*c:(place+1)*c]
			if first {
				copy(y, x[pixel*c:])
				for j := range w {
					w[j] = k
				}
				return
			}
			arithmetic.Beat(y, w, x[pixel*c:(pixel+1)*c], k)
		})
	})
}

func (p *windowPooler) backward(dst []float32, in [][]float32) {
	c, pixels, places := p.channels, p.height*p.width, p.columns()
	kernel.Parallel(p.batch, func(i int) {
		dx, dy := dst[i*c*pixels:(i+1)*c*pixels], in[0][i*c*places:(i+1)*c*places]
		clear(dx)
		winner := p.winner[i*places*c : (i+1)*places*c]
		p.visit(func(place, pixel int, k int32, _ bool) {
			arithmetic.AddWhere(dx[pixel*c:(pixel+1)*c], dy[place*c:(place+1)*c], winner[place*c:(place+1)*c], k)
		})
	})
}

// visit calls f for each place and each pixel of its window on the image, which
// is number k in the window; first tells that it is the place's first.
func (w *window) visit(f func(place, pixel int, k int32, first bool)) {
	for oy := range w.outHeight {
		top := oy*w.stride - w.pad
		for ox := range w.outWidth {
			left := ox*w.stride - w.pad
			first := true
			for y := max(0, top); y < min(w.height, top+w.kernel); y++ {
				for x := max(0, left); x < min(w.width, left+w.kernel); x++ {
					f(oy*w.outWidth+ox, y*w.width+x, int32((y-top)*w.kernel+x-left), first)
					first = false
				}
			}
		}
	}
}
