package encoder

import (
	"slices"

	"crossbatch/backbone/network"
)

// What a block of the kernels of products makes, and the shared memory that it takes: see
// kernel/tile.h.
const (
	tile         = 64
	productBytes = 3*2*tile*144 + 128*128
)

// gather is where the rows of a product come from: see kernel/gather.h.
type gather struct {
	height, width, step     int // of an image
	down, across            int // places of an image
	size, stride, pad, back int
}

func (g gather) arguments() []any {
	return []any{g.height, g.width, g.step, g.down, g.across, g.size, g.stride, g.pad, g.back}
}

// sliding is the gather of a window over images of a shape, channels first.
func sliding(in, out []int, size, stride, pad int) gather {
	return gather{in[1], in[2], fours(in[0]), out[1], out[2], size, stride, pad, 0}
}

// product is a convolution, or a linear map.
type product struct {
	gather
	layout  // of the filters
	filters *weight
	shifts  *weight // nil: none
	step    int     // of the result
}

// run computes the product for a batch; other is added, if it is not nil.
func (o *product) run(r *run, y, x, other *buffer, floor bool) error {
	rows, floored := r.batch*o.down*o.across, 0
	if floor {
		floored = 1
	}
	var shifts *buffer
	if o.shifts != nil {
		shifts = &o.shifts.buffer
	}
	grid := [3]int{(rows + tile - 1) / tile, (o.step + tile - 1) / tile, 1}
	return r.Launch("product_"+string(r.precision), grid, productBytes, slices.Concat(
		[]any{x, &o.filters.buffer, shifts, other, y}, o.arguments(), []any{rows, o.rows, o.step, o.layout.stride, floored})...)
}

// filtersOf is how the filters of a convolution lie.
func filtersOf(op network.Convolution, channels int) layout {
	taps := op.Size * op.Size
	return layout{op.Filters, channels, taps, fours(channels), depth(taps * fours(channels))}
}

func (p *plan) convolution(s *step, op network.Convolution) {
	in := p.network.Shape(s.In[0])
	o := &product{gather: sliding(in, p.network.Shape(s.Out), op.Size, op.Stride, op.Pad), step: p.values[s.Out].step}
	o.layout = filtersOf(op, in[0])
	of := slices.Clone(s.Node.Parameters)
	if s.Norm != nil {
		of = append(of, s.Norm.Parameters...)
	}
	name := p.network.Parameters[of[0]].Name
	weights, bias := p.arrays[of[0]], []float32(nil)
	if op.Bias {
		bias = p.arrays[of[1]]
	}
	o.filters = p.weight(name, o.layout.size(), of, func(dst []float32) {
		var factors []float32
		if s.Norm != nil {
			factors, _ = p.folded(s.Norm)
		}
		o.put(dst, weights, factors, nil)
	})
	if op.Bias || s.Norm != nil {
		o.shifts = p.weight(name, fours(op.Filters), of, func(dst []float32) {
			copy(dst, bias)
			if s.Norm == nil {
				return
			}
			factors, shifts := p.folded(s.Norm)
			for f, shift := range shifts {
				dst[f] = dst[f]*factors[f] + shift
			}
		})
	}
	s.run = func(r *run) error { return o.run(r, r.at(s.Out), r.at(s.In[0]), r.at(s.Other), s.Floor) }
}

// linearOf is where the rows of a linear map come from, and how its weights lie.
func linearOf(op network.Linear, in value) (gather, layout, error) {
	if op.Tokens {
		return gather{1, in.places, in.step, 1, in.places, 1, 1, 0, 0}, layout{op.Outputs, in.channels, 1, in.step, depth(in.step)}, nil
	}
	l := layout{op.Outputs, in.channels, in.places, in.step, depth(in.size())}
	if !in.turned && in.places > 1 { // token by token
		if in.step != in.channels {
			return gather{}, l, unknown(op)
		}
		l.channels, l.taps, l.step = in.size(), 1, in.size()
	}
	return gather{1, 1, in.size(), 1, 1, 1, 1, 0, 0}, l, nil
}

func (p *plan) linear(s *step, op network.Linear) error {
	g, l, err := linearOf(op, p.values[s.In[0]])
	if err != nil {
		return err
	}
	o := &product{gather: g, layout: l, step: p.values[s.Out].step}
	o.filters, o.shifts = p.plain(s.Node.Parameters[0], l), p.plain(s.Node.Parameters[1], vector(op.Outputs))
	s.run = func(r *run) error { return o.run(r, r.at(s.Out), r.at(s.In[0]), nil, false) }
	return nil
}
