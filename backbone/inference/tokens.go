package inference

import (
	"math"
	"slices"

	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/convolution"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"
)

func (p *Plan) tokens(s *step) func(*work) {
	src, dst, class := p.refs[s.In[0]], p.refs[s.Out], p.arrays[s.Node.Parameters[0]]
	c := src.channels
	return func(w *work) {
		x, y := w.at(src), w.at(dst)
		kernel.Parallel(w.batch, func(i int) {
			to := y.Data[i*dst.places*c:]
			copy(to, class)
			x.Copy(to[c:(1+src.places)*c], i*src.places, c)
		})
	}
}

func (p *Plan) positions(s *step, op network.Positions) {
	src, dst, learnt := p.refs[s.In[0]], p.refs[s.Out], p.arrays[s.Node.Parameters[0]]
	tokens, dim, known := src.places, src.channels, 1+op.Side*op.Side
	m := kernel.Mat{Data: op.Matrix(), Stride: known}
	rows := make([]float32, tokens*dim)
	s.pack = func() {
		kernel.Gemm(tokens, dim, known, 1, m, kernel.Mat{Data: learnt, Stride: dim}, 0, kernel.Mat{Data: rows, Stride: dim})
	}
	s.run = func(w *work) {
		x, y := w.whole(src), w.whole(dst)
		kernel.Parallel(w.batch, func(i int) {
			at, end := i*tokens*dim, (i+1)*tokens*dim
			arithmetic.Combine(y[at:end], x[at:end], rows, 1, 1, 0, 0)
		})
	}
}

// attention is multi-head self-attention, head by head.
type attention struct {
	src, dst ref
	heads    int
	scratch  *convolution.Scratch
}

func (a *attention) run(w *work) {
	t, dim := a.src.places, a.dst.channels
	width := dim / a.heads
	scale := float32(1 / math.Sqrt(float64(width)))
	x, y := w.whole(a.src), w.whole(a.dst)
	kernel.Parallel(w.batch*a.heads, func(place int) {
		image, head := place/a.heads, place%a.heads
		from := x[image*t*3*dim+head*width:]
		part := func(k int) kernel.Mat { return kernel.Mat{Data: from[k*dim:], Stride: 3 * dim} }
		shares := a.scratch.Take(t * t)
		defer a.scratch.Put(shares)
		keys := part(1)
		keys.Trans = true
		kernel.GemmSerial(t, t, width, 1, part(0), keys, 0, kernel.Mat{Data: shares, Stride: t})
		for row := range slices.Chunk(shares, t) {
			sum := kernel.Exp(row, row, slices.Max(row), scale)
			kernel.Scale(row, 1/sum, row)
		}
		kernel.GemmSerial(t, width, t, 1, kernel.Mat{Data: shares, Stride: t}, part(2), 0,
			kernel.Mat{Data: y[image*t*dim+head*width:], Stride: dim})
	})
}

func scale(src, dst ref, factors []float32) func(*work) {
	c := src.channels
	return func(w *work) {
		x, y := w.whole(src), w.whole(dst)
		each(w.batch*src.places, func(i int) { kernel.Multiply(y[i*c:(i+1)*c], x[i*c:(i+1)*c], factors) })
	}
}

func firstToken(src, dst ref) func(*work) {
	c := src.channels
	return func(w *work) {
		x, y := w.whole(src), w.at(dst)
		for i := range w.batch {
			copy(y.Data[i*y.Step:][:c], x[i*src.places*c:])
		}
	}
}

func meanToken(src, dst ref) func(*work) {
	c := src.channels
	share := 1 / float32(src.places-1)
	return func(w *work) {
		x, y := w.whole(src), w.at(dst)
		kernel.Parallel(w.batch, func(i int) {
			out := y.Data[i*y.Step:][:c]
			clear(out)
			for t := 1; t < src.places; t++ {
				kernel.Axpy(out, share, x[(i*src.places+t)*c:][:c])
			}
		})
	}
}

// layerNorm takes mean and variance in float64; the rest, too, for one row an image, as
// the graph does, and for tokens in float32.
func layerNorm(src, dst ref, epsilon float64, factors, shifts []float32) func(*work) {
	c := src.channels
	return func(w *work) {
		x, y := w.whole(src), w.whole(dst)
		each(w.batch*src.places, func(i int) {
			row, out := x[i*c:(i+1)*c], y[i*c:(i+1)*c]
			mean := float64(arithmetic.Sum(row)) / float64(c) * float64(c) / float64(c)
			inverse := 1 / math.Sqrt(float64(arithmetic.SquaredDeviations(row, float32(mean)))/float64(c)+epsilon)
			if src.places > 1 {
				arithmetic.Affine(out, row, float32(mean), float32(inverse), 0)
				kernel.Adjust(out, out, factors, shifts)
				return
			}
			for j, v := range row {
				out[j] = float32((float64(v)-mean)*inverse*float64(factors[j]) + float64(shifts[j]))
			}
		})
	}
}

// normalize brings each image's numbers to unit length, as the graph's does.
func normalize(src, dst ref) func(*work) {
	return func(w *work) {
		x, y := w.whole(src), w.whole(dst)
		n := src.places * src.channels
		each(w.batch, func(i int) {
			row, out := x[i*n:(i+1)*n], y[i*n:(i+1)*n]
			var square, inverse float64
			for _, v := range row {
				square += float64(v) * float64(v)
			}
			if square != 0 {
				inverse = 1 / math.Sqrt(square)
			}
			for j, v := range row {
				out[j] = float32(float64(v) * inverse)
			}
		})
	}
}

// leave stores a value as it is told outside: channel by channel.
func (w *work) leave(dst []float32, r ref) {
	x, n := w.at(r), r.places*r.channels
	if r.planes || r.places == 1 || len(w.plan.network.Shape(w.plan.network.Output)) == 2 {
		x.Copy(dst[:w.batch*n], 0, r.channels)
		return
	}
	for i := range w.batch {
		kernel.Transpose(dst[i*n:], r.places, x.Data[i*r.places*x.Step:], x.Step, r.places, r.channels)
	}
}
