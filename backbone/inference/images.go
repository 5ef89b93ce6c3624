package inference

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/convolution"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"
)

// rescale is of images that lie channel by channel.
func rescale(op network.Rescale, src, dst ref) func(*work) {
	before, after, plane := src.channels, dst.channels, src.places
	return func(w *work) {
		x, y := w.at(src).Data, w.at(dst).Data
		kernel.Parallel(w.batch, func(i int) {
			for c, from := range op.From {
				arithmetic.Affine(y[(i*after+c)*plane:][:plane], x[(i*before+from)*plane:][:plane], 0, op.Factor[c], op.Shift[c])
			}
		})
	}
}

// pool slides a window over the channels of images.
type pool struct {
	src, dst          ref
	in, out           []int // channels, height, width
	size, stride, pad int
	scratch           *convolution.Scratch
}

func (p *Plan) pool(s *step, size, stride, pad int) *pool {
	return &pool{
		src: p.refs[s.In[0]], dst: p.refs[s.Out], in: p.network.Shape(s.In[0]), out: p.network.Shape(s.Out),
		size: size, stride: stride, pad: pad, scratch: &p.scratch,
	}
}

// places calls f for every place with the pixels of its window that lie on the image, as
// a range of rows and one of columns.
func (p *pool) places(batch int, f func(place, image, top, bottom, left, right int)) {
	height, width := p.out[1], p.out[2]
	kernel.Parallel(batch*height, func(row int) {
		y := row%height*p.stride - p.pad
		top, bottom := max(0, y), min(p.in[1], y+p.size)
		for ox := range width {
			x := ox*p.stride - p.pad
			f(row*width+ox, row/height, top, bottom, max(0, x), min(p.in[2], x+p.size))
		}
	})
}

// max takes the largest of a window's rows first, all pixels at once.
func (p *pool) max(w *work) {
	x, y, c := w.at(p.src), w.at(p.dst), p.in[0]
	height, width := p.out[1], p.out[2]
	kernel.Parallel(w.batch*height, func(row int) {
		top := row%height*p.stride - p.pad
		from, to := max(0, top), min(p.in[1], top+p.size)
		size := p.in[2] * x.Step
		line := func(r int) []float32 {
			at := x.Data[(row/height*p.in[1]+r)*size:]
			return at[:size-x.Step+c] // the last pixel may end the array
		}
		var rows []float32
		switch {
		case to == from+1:
			rows = line(from)
		case to > from:
			rows = p.scratch.Take(size - x.Step + c)
			defer p.scratch.Put(rows)
			arithmetic.Larger(rows, line(from), line(from+1))
			for r := from + 2; r < to; r++ {
				arithmetic.Larger(rows, rows, line(r))
			}
		}
		for ox := range width {
			out := y.Data[(row*width+ox)*y.Step:][:c]
			left := ox*p.stride - p.pad
			left, right := max(0, left), min(p.in[2], left+p.size)
			switch {
			case rows == nil || left >= right:
				clear(out)
			case right == left+1:
				copy(out, rows[left*x.Step:])
			default:
				arithmetic.Larger(out, rows[left*x.Step:][:c], rows[(left+1)*x.Step:][:c])
				for k := left + 2; k < right; k++ {
					arithmetic.Larger(out, out, rows[k*x.Step:][:c])
				}
			}
		}
	})
}

func (p *pool) average(w *work) {
	x, y, c := w.at(p.src), w.at(p.dst), p.in[0]
	share := 1 / float32(p.size*p.size)
	p.places(w.batch, func(place, image, top, bottom, left, right int) {
		out := y.Data[place*y.Step:][:c]
		clear(out)
		for row := top; row < bottom; row++ {
			for column := left; column < right; column++ {
				kernel.Axpy(out, share, x.Data[((image*p.in[1]+row)*p.in[2]+column)*x.Step:][:c])
			}
		}
	})
}

func globalAverage(src, dst ref) func(*work) {
	c := src.channels
	return func(w *work) {
		x, y := w.at(src), w.at(dst)
		kernel.Parallel(w.batch, func(i int) {
			out := y.Data[i*y.Step:][:c]
			clear(out)
			for p := range src.places {
				kernel.Axpy(out, 1, x.Data[(i*src.places+p)*x.Step:][:c])
			}
			kernel.Scale(out, 1/float32(src.places), out)
		})
	}
}

func globalMax(src, dst ref) func(*work) {
	c := src.channels
	return func(w *work) {
		x, y := w.at(src), w.at(dst)
		kernel.Parallel(w.batch, func(i int) {
			out := y.Data[i*y.Step:][:c]
			copy(out, x.Data[i*src.places*x.Step:])
			for p := 1; p < src.places; p++ {
				arithmetic.Larger(out, out, x.Data[(i*src.places+p)*x.Step:][:c])
			}
		})
	}
}

// sum is one that no convolution takes in.
func (p *Plan) sum(s *step) func(*work) {
	a, b, dst := p.refs[s.In[0]], p.refs[s.In[1]], p.refs[s.Out]
	none, floor := make([]float32, dst.channels), floorOf(s)
	return func(w *work) {
		x, other, y := w.at(a), w.at(b), w.at(dst)
		const some = 32
		n := w.batch * dst.places
		kernel.Parallel(kernel.Blocks(n, some), func(k int) {
			from, to := k*some, min(n, (k+1)*some)
			if a.buffer != dst.buffer {
				for i := from; i < to; i++ {
					copy(y.Data[i*y.Step:][:dst.channels], x.Data[i*x.Step:])
				}
			}
			arithmetic.FinishRows(y.Data[from*y.Step:], y.Step, other.Data[from*other.Step:], other.Step, none, floor, to-from)
		})
	}
}

// concat moves what was not made in its place.
func (p *Plan) concat(s *step) func(*work) {
	dst := p.refs[s.Out]
	return func(w *work) {
		y, from := w.at(dst), 0
		for _, v := range s.In {
			r := p.refs[v]
			c, at := r.channels, from
			from += c
			if r.buffer == dst.buffer {
				continue
			}
			x := w.at(r)
			each(w.batch*dst.places, func(i int) { copy(y.Data[i*y.Step+at:][:c], x.Data[i*x.Step:]) })
		}
	}
}

func gate(src, factor, dst ref) func(*work) {
	c := src.channels
	return func(w *work) {
		x, s, y := w.at(src), w.at(factor), w.at(dst)
		each(w.batch*src.places, func(i int) {
			kernel.Multiply(y.Data[i*y.Step:][:c], x.Data[i*x.Step:][:c], s.Data[i/src.places*s.Step:][:c])
		})
	}
}
