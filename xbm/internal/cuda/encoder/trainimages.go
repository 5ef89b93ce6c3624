package encoder

import (
	"errors"
	"slices"

	"crossbatch/backbone/network"
)

// step is a node as a step in embedding is: for operations that are the same in training.
func (s *pass) step() *step {
	return &step{Step: &network.Step{Node: s.node, Other: network.None, In: s.in, Out: s.out}}
}

func (t *training) concat(s *pass, op network.Concat) error {
	forward, y, at := s.step(), t.values[s.out], 0
	if err := t.plan.concat(forward, op); err != nil {
		return err
	}
	from := make([]int, len(s.in))
	for k, v := range s.in {
		from[k], at = at, at+t.values[v].channels
	}
	s.forward = forward.run
	s.backward = func(r *run) error {
		for k, v := range s.in {
			x := t.values[v]
			err := t.gradient(r, v, false, func(dst, _ *buffer) error {
				return r.each("place_back", r.batch*x.size(), func(n int) []any {
					return []any{dst, &t.back[s.out], n, x.channels, x.step, y.step, from[k]}
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

func (t *training) depthwise(s *pass, op network.Depthwise) {
	in, x, y := t.network.Shape(s.in[0]), t.values[s.in[0]], t.values[s.out]
	g := sliding(in, t.network.Shape(s.out), op.Size, op.Stride, op.Pad)
	back := gather{g.down, g.across, g.step, g.height, g.width, g.size, g.stride, g.pad, 1}
	taps := op.Size * op.Size
	filters := t.learn(s.node.Parameters[0], layout{1, in[0], taps, g.step, taps * g.step})
	parts := t.room("gradients of filters")
	s.forward = func(r *run) error {
		return r.each("depthwise", r.batch*y.size(), func(n int) []any {
			return slices.Concat([]any{r.at(s.out), r.at(s.in[0]), &filters.buffer, none, none, n}, g.arguments(), []any{0})
		})
	}
	s.backward = func(r *run) error {
		dy, n, count := &t.back[s.out], filters.layout.size(), min(r.batch, mostParts)
		if t.isTrained(filters) {
			if err := errors.Join(r.Room(&filters.gradient, "gradients", 4*n), r.Room(parts, "gradients of filters", 4*n*count)); err != nil {
				return err
			}
			err := r.Launch("depthwise_weights", [3]int{(n + 511) / 512, count, 1}, 0,
				slices.Concat([]any{parts, dy, r.at(s.in[0]), n}, g.arguments(), []any{r.batch, count})...)
			if err != nil {
				return err
			}
			if err := r.each("sum_parts", n, func(n int) []any { return []any{&filters.gradient, parts, count, n} }); err != nil {
				return err
			}
		}
		return t.gradient(r, s.in[0], true, func(dst, before *buffer) error {
			return r.each("depthwise", r.batch*x.size(), func(n int) []any {
				return slices.Concat([]any{dst, dy, &filters.buffer, none, before, n}, back.arguments(), []any{0})
			})
		})
	}
}

func (t *training) gate(s *pass, x value) {
	forward := s.step()
	t.plan.gate(forward, x)
	s.forward = forward.run
	s.backward = func(r *run) error {
		dy := &t.back[s.out]
		err := t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("gate", r.batch*x.size(), func(n int) []any {
				return []any{dst, dy, r.at(s.in[1]), n, x.size(), x.step}
			})
		})
		if err != nil {
			return err
		}
		return t.gradient(r, s.in[1], false, func(dst, _ *buffer) error {
			return r.each("gate_back", r.batch*x.step, func(n int) []any {
				return []any{dst, dy, r.at(s.in[0]), n, x.places, x.step}
			})
		})
	}
}
