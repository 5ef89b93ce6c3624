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
		if p.isSquares() {
			p.squares(func(place, top, bottom int) {
				arithmetic.BeatFour(best[place*c:(place+1)*c], winner[place*c:(place+1)*c], x[top*c:(top+2)*c], x[bottom*c:(bottom+2)*c])
			})
			return
		}
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
		winner := p.winner[i*places*c : (i+1)*places*c]
		if p.isSquares() {
			if p.height > 2*p.outHeight || p.width > 2*p.outWidth {
				clear(dx)
			}
			p.squares(func(place, top, bottom int) {
				arithmetic.GiveFour(dx[top*c:(top+2)*c], dx[bottom*c:(bottom+2)*c], dy[place*c:(place+1)*c], winner[place*c:(place+1)*c])
			})
			return
		}
		clear(dx)
		p.visit(func(place, pixel int, k int32, _ bool) {
			arithmetic.AddWhere(dx[pixel*c:(pixel+1)*c], dy[place*c:(place+1)*c], winner[place*c:(place+1)*c], k)
		})
	})
}

// isSquares reports whether the windows are squares of four pixels, each apart from the
// others and all on the image.
func (w *window) isSquares() bool {
	return w.kernel == 2 && w.stride == 2 && w.pad == 0 && 2*w.outHeight <= w.height && 2*w.outWidth <= w.width
}

// squares calls f for each place with the first of the two pixels at its top, and of those
// at its bottom.
func (w *window) squares(f func(place, top, bottom int)) {
	for oy := range w.outHeight {
		for ox := range w.outWidth {
			top := 2*oy*w.width + 2*ox
			f(oy*w.outWidth+ox, top, top+w.width)
		}
	}
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
