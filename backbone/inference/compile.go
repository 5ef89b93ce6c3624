package inference

import (
	"math"

	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/convolution"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"
)

// compile finds how a step is run.
func (p *Plan) compile(s *step) error {
	src, dst := p.refs[s.In[0]], p.refs[s.Out]
	switch op := s.Node.Op.(type) {
	case network.Convolution:
		p.convolution(s, op)
		return nil
	case network.Rescale:
		if src.planes {
			s.run = rescale(op, src, dst)
			return nil
		}
	case network.Linear:
		p.linear(s, op)
		return nil
	case network.ReLU:
		s.run = numbers(src, dst, arithmetic.Rectify)
		return nil
	case network.HardSwish:
		s.run = numbers(src, dst, arithmetic.HardSwish)
		return nil
	case network.HardSigmoid:
		s.run = numbers(src, dst, arithmetic.HardSigmoid)
		return nil
	case network.GELU:
		s.run = numbers(src, dst, arithmetic.GELU)
		return nil
	case network.Normalize:
		if src.step == src.channels {
			s.run = normalize(src, dst)
			return nil
		}
	}
	if src.planes {
		return p.turned(s, src)
	}
	switch op := s.Node.Op.(type) {
	case network.Depthwise:
		p.depthwise(s, op)
	case network.BatchNorm:
		p.batchNorm(s)
	case network.MaxPool:
		s.run = p.pool(s, op.Size, op.Stride, op.Pad).max
	case network.AveragePool:
		s.run = p.pool(s, op.Size, op.Stride, op.Pad).average
	case network.GlobalAverage:
		s.run = globalAverage(src, dst)
	case network.GlobalMax:
		s.run = globalMax(src, dst)
	case network.Add:
		s.run = p.sum(s)
	case network.Concat:
		s.run = p.concat(s)
	case network.Gate:
		s.run = gate(src, p.refs[s.In[1]], dst)
	case network.Tokens:
		s.run = p.tokens(s)
	case network.Positions:
		p.positions(s, op)
	case network.Attention:
		s.run = (&attention{src: src, dst: dst, heads: op.Heads, scratch: &p.scratch}).run
	case network.Scale:
		s.run = scale(src, dst, p.arrays[s.Node.Parameters[0]])
	case network.FirstToken:
		s.run = firstToken(src, dst)
	case network.MeanToken:
		s.run = meanToken(src, dst)
	case network.LayerNorm:
		s.run = layerNorm(src, dst, op.Epsilon, p.arrays[s.Node.Parameters[0]], p.arrays[s.Node.Parameters[1]])
	default:
		return unknown(op)
	}
	return nil
}

// turned is a step over images that come channel by channel and are turned first.
func (p *Plan) turned(s *step, src ref) error {
	pixels := ref{places: src.places, channels: src.channels, step: src.channels, buffer: p.slots.Add(src.places * src.channels)}
	before := p.refs[s.In[0]]
	p.refs[s.In[0]] = pixels
	defer func() { p.refs[s.In[0]] = before }()
	if err := p.compile(s); err != nil {
		return err
	}
	run := s.run
	s.run = func(w *work) {
		w.turn(pixels, w.at(src).Data)
		run(w)
	}
	return nil
}

func floorOf(s *step) float32 {
	if s.Floor {
		return 0
	}
	return float32(math.Inf(-1))
}

func (p *Plan) convolution(s *step, op network.Convolution) {
	src, dst, in := p.refs[s.In[0]], p.refs[s.Out], p.network.Shape(s.In[0])
	c := convolution.New(convolution.Shape{
		Channels: in[0], Height: in[1], Width: in[2],
		Filters: op.Filters, Size: op.Size, Stride: op.Stride, Pad: op.Pad, Planes: src.planes,
	}, &p.scratch)
	weight := p.arrays[s.Node.Parameters[0]]
	shifts := make([]float32, op.Filters)
	var packed, factors []float32
	if s.Norm != nil {
		factors = make([]float32, op.Filters)
	}
	s.pack = func() {
		if packed == nil {
			packed = make([]float32, c.PackedSize())
		}
		if s.Norm != nil {
			s.Norm.Fold(factors, shifts, p.arrays)
		}
		if op.Bias {
			for f, b := range p.arrays[s.Node.Parameters[1]] {
				if s.Norm == nil {
					shifts[f] = b
				} else {
					shifts[f] += factors[f] * b
				}
			}
		}
		c.Pack(packed, weight, factors)
	}
	f := &convolution.Finish{Bias: shifts, Floor: floorOf(s)}
	if !op.Bias && s.Norm == nil && s.Other == network.None && !s.Floor {
		f = nil
	}
	s.run = func(w *work) {
		if s.Other != network.None {
			f.Other = w.at(p.refs[s.Other])
		}
		c.Forward(w.at(dst), w.at(src), w.batch, packed, f)
	}
}

// linear keeps the order of the sums of the graph's.
func (p *Plan) linear(s *step, op network.Linear) {
	src, dst := p.refs[s.In[0]], p.refs[s.Out]
	weight, bias := p.arrays[s.Node.Parameters[0]], p.arrays[s.Node.Parameters[1]]
	inputs, rows := src.channels, src.places
	if !op.Tokens {
		inputs, rows = src.channels*src.places, 1
	}
	turned := !op.Tokens && src.places > 1 && !src.planes
	var packed []float32
	s.pack = func() {
		if packed == nil {
			packed = make([]float32, kernel.PackedSize(inputs, op.Outputs))
		}
		from := weight
		if turned { // from channel by channel to pixel by pixel
			from = p.scratch.Take(len(weight))
			defer p.scratch.Put(from)
			kernel.Parallel(op.Outputs, func(o int) {
				kernel.Transpose(from[o*inputs:], src.channels, weight[o*inputs:], src.places, src.channels, src.places)
			})
		}
		kernel.Pack(packed, inputs, op.Outputs, kernel.Mat{Data: from, Stride: inputs, Trans: true})
	}
	const strip = 96 // rows
	s.run = func(w *work) {
		x, y, n := w.whole(src), w.at(dst).Data, w.batch*rows
		if strips := kernel.Blocks(n, strip); strips > 1 {
			kernel.Parallel(strips, func(k int) {
				from, to := k*n/strips, (k+1)*n/strips
				for i := from; i < to; i++ {
					copy(y[i*op.Outputs:], bias)
				}
				kernel.GemmPacked(to-from, op.Outputs, inputs, kernel.Mat{Data: x[from*inputs:], Stride: inputs}, packed,
					1, kernel.Mat{Data: y[from*op.Outputs:], Stride: op.Outputs})
			})
			return
		}
		for i := range n {
			copy(y[i*op.Outputs:], bias)
		}
		width := kernel.Panel()
		kernel.Parallel(kernel.Blocks(op.Outputs, width), func(t int) {
			kernel.GemmPacked(n, min(width, op.Outputs-t*width), inputs, kernel.Mat{Data: x, Stride: inputs}, packed[t*width*inputs:],
				1, kernel.Mat{Data: y[t*width:], Stride: op.Outputs})
		})
	}
}

func (p *Plan) depthwise(s *step, op network.Depthwise) {
	src, dst, in := p.refs[s.In[0]], p.refs[s.Out], p.network.Shape(s.In[0])
	channels, height, width := in[0], in[1], in[2]
	out := p.network.Shape(s.Out)
	weight := p.arrays[s.Node.Parameters[0]]
	squares := op.Size * op.Size
	packed := make([]float32, squares*channels)
	factors, shifts := make([]float32, channels), make([]float32, channels)
	s.pack = func() {
		kernel.Transpose(packed, channels, weight, squares, channels, squares)
		if s.Norm == nil {
			return
		}
		s.Norm.Fold(factors, shifts, p.arrays)
		for k := range squares {
			row := packed[k*channels : (k+1)*channels]
			kernel.Multiply(row, row, factors)
		}
	}
	f := floorOf(s)
	// Where the filter is on the image from its first column to its last.
	from := kernel.Blocks(op.Pad, op.Stride)
	to := max(from, min(out[2], (width-op.Size+op.Pad)/op.Stride+1))
	if width < op.Size {
		from, to = out[2], out[2]
	}
	from = min(from, out[2])
	s.run = func(w *work) {
		x, y := w.at(src), w.at(dst)
		kernel.Parallel(w.batch, func(i int) {
			image, places := x.Data[i*height*width*x.Step:], out[1]*out[2]
			into := y.Data[i*places*y.Step:]
			for row := range out[1] {
				top := row*op.Stride - op.Pad
				ky, end := max(0, -top), min(op.Size, height-top)
				at := func(ox, count int) {
					left := ox*op.Stride - op.Pad
					kx, last := max(0, -left), min(op.Size, width-left)
					to := into[(row*out[2]+ox)*y.Step:]
					if ky >= end || kx >= last {
						clear(to[:channels])
						return
					}
					arithmetic.Depthwise(to, y.Step, image[((top+ky)*width+left+kx)*x.Step:], arithmetic.Window{
						Rows: end - ky, Cols: last - kx, WRow: op.Size * channels,
						Row: width * x.Step, Col: x.Step, Step: op.Stride * x.Step,
					}, packed[(ky*op.Size+kx)*channels:], channels, count)
				}
				for ox := range from {
					at(ox, 1)
				}
				if from < to {
					at(from, to-from)
				}
				for ox := to; ox < out[2]; ox++ {
					at(ox, 1)
				}
			}
			arithmetic.FinishRows(into, y.Step, nil, 0, shifts, f, places)
		})
	}
}

// batchNorm is one that no convolution takes in.
func (p *Plan) batchNorm(s *step) {
	src, dst := p.refs[s.In[0]], p.refs[s.Out]
	factors, shifts := make([]float32, src.channels), make([]float32, src.channels)
	s.pack = func() { s.Node.Fold(factors, shifts, p.arrays) }
	s.run = func(w *work) {
		x, y := w.at(src), w.at(dst)
		each(w.batch*src.places, func(i int) {
			kernel.Adjust(y.Data[i*y.Step:][:src.channels], x.Data[i*x.Step:][:src.channels], factors, shifts)
		})
	}
}

// pieces is how many pixels or rows one goroutine has at a time.
const pieces = 32

// each calls f for each of n, side by side.
func each(n int, f func(i int)) {
	kernel.Parallel(kernel.Blocks(n, pieces), func(p int) {
		for i := p * pieces; i < min(n, (p+1)*pieces); i++ {
			f(i)
		}
	})
}

// numbers is a function of each number of a value.
func numbers(src, dst ref, f func(dst, x []float32)) func(*work) {
	return func(w *work) {
		if src.step == src.channels && dst.step == dst.channels {
			x, y := w.whole(src), w.whole(dst)
			const some = 4096
			kernel.Parallel(kernel.Blocks(len(x), some), func(k int) {
				from, to := k*some, min(len(x), (k+1)*some)
				f(y[from:to], x[from:to])
			})
			return
		}
		x, y := w.at(src), w.at(dst)
		each(w.batch*src.places, func(i int) { f(y.Data[i*y.Step:][:src.channels], x.Data[i*x.Step:][:src.channels]) })
	}
}
