package encoder

import (
	"slices"

	"crossbatch/backbone/network"
)

func (p *plan) pool(s *step, g gather, average int) {
	y := p.values[s.Out]
	s.run = func(r *run) error {
		return r.each("pool", r.batch*y.size(), func(n int) []any {
			return slices.Concat([]any{r.at(s.Out), r.at(s.In[0]), none, n}, g.arguments(), []any{average})
		})
	}
}

// poolAll is of an image's places from the first on.
func (p *plan) poolAll(s *step, x value, first, average int) {
	s.run = func(r *run) error {
		return r.each("pool_all", r.batch*x.step, func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), none, n, x.places, x.step, first, average}
		})
	}
}

func (p *plan) depthwise(s *step, op network.Depthwise) {
	in, y := p.network.Shape(s.In[0]), p.values[s.Out]
	g := sliding(in, p.network.Shape(s.Out), op.Size, op.Stride, op.Pad)
	taps, of := op.Size*op.Size, slices.Clone(s.Node.Parameters)
	l := layout{1, in[0], taps, g.step, taps * g.step}
	if s.Norm != nil {
		of = append(of, s.Norm.Parameters...)
	}
	name := p.network.Parameters[of[0]].Name
	filters := p.weight(name, l.size(), of, func(dst []float32) {
		var factors []float32
		if s.Norm != nil {
			factors, _ = p.folded(s.Norm)
		}
		l.put(dst, p.arrays[of[0]], nil, factors)
	})
	shifts := none
	if s.Norm != nil {
		w := p.weight(name, g.step, of, func(dst []float32) {
			_, shifts := p.folded(s.Norm)
			copy(dst, shifts)
		})
		shifts = &w.buffer
	}
	floor := flag(s.Floor)
	s.run = func(r *run) error {
		return r.each("depthwise", r.batch*y.size(), func(n int) []any {
			return slices.Concat([]any{r.at(s.Out), r.at(s.In[0]), &filters.buffer, shifts, none, n}, g.arguments(), []any{floor})
		})
	}
}

// batchNorm is one that no convolution takes in.
func (p *plan) batchNorm(s *step) {
	y := p.values[s.Out]
	factors, shifts := p.foldedWeights(s.Node, y.step)
	s.run = func(r *run) error {
		return r.each("adjust", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), none, &factors.buffer, &shifts.buffer, n, y.channels, y.step, 0}
		})
	}
}

func (p *plan) sum(s *step) {
	y, floor := p.values[s.Out], flag(s.Floor)
	s.run = func(r *run) error {
		return r.each("add", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), r.at(s.In[1]), n, floor}
		})
	}
}

// concat copies channels to their places. The last brings the zeros after them.
func (p *plan) concat(s *step, op network.Concat) error {
	y, from := p.values[s.Out], 0
	at, widths := make([]int, len(s.In)), make([]int, len(s.In))
	for k, v := range s.In {
		x := p.values[v]
		if x.places != y.places { // rows that lie as images
			return unknown(op)
		}
		at[k], widths[k] = from, x.channels
		from += x.channels
	}
	widths[len(widths)-1] = y.step - at[len(at)-1]
	s.run = func(r *run) error {
		for k, v := range s.In {
			x := p.values[v]
			err := r.each("place", r.batch*y.places*widths[k], func(n int) []any {
				return []any{r.at(s.Out), r.at(v), n, widths[k], x.channels, x.step, y.step, at[k]}
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

func (p *plan) rescale(s *step, op network.Rescale) {
	x, y := p.values[s.In[0]], p.values[s.Out]
	from := p.weight("channels", y.step, nil, nil)
	from.ints = func() []int32 {
		all := make([]int32, y.step)
		for c, f := range op.From {
			all[c] = int32(f)
		}
		return all
	}
	factors := p.weight("factors", y.step, nil, func(dst []float32) { copy(dst, op.Factor) })
	shifts := p.weight("shifts", y.step, nil, func(dst []float32) { copy(dst, op.Shift) })
	s.run = func(r *run) error {
		return r.each("rescale", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), &from.buffer, &factors.buffer, &shifts.buffer, n, y.channels, y.step, x.step}
		})
	}
}

func (p *plan) gate(s *step, x value) {
	s.run = func(r *run) error {
		return r.each("gate", r.batch*x.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), r.at(s.In[1]), n, x.size(), x.step}
		})
	}
}

// flag is 1 or 0.
func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}
