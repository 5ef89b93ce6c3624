package encoder

import (
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"
)

// Shared memory of a block: to sum over a row, and the most that a block has unasked.
const (
	reduceBytes = 4 * 4
	mostShared  = 48 << 10
)

func (p *plan) tokens(s *step, x value) {
	y := p.values[s.Out]
	class := p.plain(s.Node.Parameters[0], vector(y.channels))
	s.run = func(r *run) error {
		return r.each("tokens", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), &class.buffer, n, x.places, x.step}
		})
	}
}

func (p *plan) positions(s *step, op network.Positions) {
	y, learnt := p.values[s.Out], p.arrays[s.Node.Parameters[0]]
	rows := p.weight("positions", y.size(), s.Node.Parameters, func(dst []float32) {
		known := 1 + op.Side*op.Side
		kernel.Gemm(y.places, y.channels, known, 1, kernel.Mat{Data: op.Matrix(), Stride: known}, kernel.Mat{Data: learnt, Stride: y.channels},
			0, kernel.Mat{Data: dst, Stride: y.step})
	})
	s.run = func(r *run) error {
		return r.each("add_rows", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), &rows.buffer, n, y.size()}
		})
	}
}

func (p *plan) attention(s *step, op network.Attention) error {
	x, y := p.values[s.In[0]], p.values[s.Out]
	shared := reduceBytes + 4*x.places
	if shared > mostShared {
		return unknown(op)
	}
	s.run = func(r *run) error {
		return r.Launch("attention", [3]int{x.places, op.Heads, r.batch}, shared, r.at(s.Out), none, r.at(s.In[0]), x.places, y.channels, op.Heads, x.step, y.step)
	}
	return nil
}

// scale multiplies each number of a row by one for its place.
func (p *plan) scale(s *step) {
	y := p.values[s.Out]
	factors := p.plain(s.Node.Parameters[0], vector(y.channels))
	s.run = func(r *run) error {
		return r.each("adjust", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), none, &factors.buffer, none, n, y.channels, y.step, 0}
		})
	}
}

func (p *plan) firstToken(s *step, x value) {
	s.run = func(r *run) error {
		return r.each("place", r.batch*x.step, func(n int) []any {
			return []any{r.at(s.Out), r.at(s.In[0]), n, x.step, x.channels, x.size(), x.step, 0}
		})
	}
}

func (p *plan) layerNorm(s *step, op network.LayerNorm) {
	y := p.values[s.Out]
	scales, shifts := p.plain(s.Node.Parameters[0], vector(y.channels)), p.plain(s.Node.Parameters[1], vector(y.channels))
	s.run = func(r *run) error {
		return r.Launch("layer_norm", [3]int{r.batch * y.places, 1, 1}, reduceBytes,
			r.at(s.Out), r.at(s.In[0]), &scales.buffer, &shifts.buffer, none, y.channels, y.step, op.Epsilon)
	}
}
