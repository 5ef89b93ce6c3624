package encoder

import (
	"errors"

	"crossbatch/backbone/network"
)

func (t *training) tokens(s *pass, x value) {
	y := t.values[s.out]
	class := t.learn(s.node.Parameters[0], vector(y.channels))
	first, sums := t.room("class tokens"), t.room("sums")
	s.forward = func(r *run) error {
		return r.each("tokens", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.out), r.at(s.in[0]), &class.buffer, n, x.places, x.step}
		})
	}
	s.backward = func(r *run) error {
		dy := &t.back[s.out]
		if t.isTrained(class) {
			if err := r.Room(first, "class tokens", 4*r.batch*y.step); err != nil {
				return err
			}
			err := r.each("place", r.batch*y.step, func(n int) []any { return []any{first, dy, n, y.step, y.step, y.size(), y.step, 0} })
			if err != nil {
				return err
			}
			if err := t.columns(r, &class.gradient, sums, first, r.batch, y.step); err != nil {
				return err
			}
		}
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("place_back", r.batch*x.size(), func(n int) []any { return []any{dst, dy, n, x.size(), x.size(), y.size(), y.step} })
		})
	}
}

// positions adds rows that are made of those that are learnt.
func (t *training) positions(s *pass, op network.Positions) {
	y, known := t.values[s.out], 1+op.Side*op.Side
	learnt := t.learn(s.node.Parameters[0], layout{known, y.channels, 1, y.step, y.step})
	matrix := t.weight("positions", y.places*known, nil, func(dst []float32) { copy(dst, op.Matrix()) })
	rows, slopes, sums := t.room("positions"), t.room("positions"), t.room("sums")
	s.forward = func(r *run) error {
		if err := r.Room(rows, "positions", 4*y.size()); err != nil {
			return err
		}
		err := r.each("mix", y.size(), func(n int) []any {
			return []any{rows, &matrix.buffer, &learnt.buffer, n, y.places, known, y.step, 0}
		})
		if err != nil {
			return err
		}
		return r.each("add_rows", r.batch*y.size(), func(n int) []any { return []any{r.at(s.out), r.at(s.in[0]), rows, n, y.size()} })
	}
	s.backward = func(r *run) error {
		dy := &t.back[s.out]
		if t.isTrained(learnt) {
			n := learnt.layout.size()
			if err := errors.Join(t.columns(r, slopes, sums, dy, r.batch, y.size()), r.Room(&learnt.gradient, "gradients", 4*n)); err != nil {
				return err
			}
			err := r.each("mix", n, func(n int) []any {
				return []any{&learnt.gradient, &matrix.buffer, slopes, n, known, y.places, y.step, 1}
			})
			if err != nil {
				return err
			}
		}
		return t.passOn(r, s.in[0], dy, y)
	}
}

func (t *training) attention(s *pass, op network.Attention) error {
	x, y := t.values[s.in[0]], t.values[s.out]
	shared := reduceBytes + 4*x.places
	if shared > mostShared {
		return untrained(op)
	}
	shares, slopes := t.room("shares"), t.room("shares")
	grid := func(r *run) [3]int { return [3]int{x.places, op.Heads, r.batch} }
	s.forward = func(r *run) error {
		if err := r.Room(shares, "what tokens take of each other", 4*r.batch*op.Heads*x.places*x.places); err != nil {
			return err
		}
		return r.Launch("attention", grid(r), shared, r.at(s.out), shares, r.at(s.in[0]), x.places, y.channels, op.Heads, x.step, y.step)
	}
	s.backward = func(r *run) error {
		dy := &t.back[s.out]
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			if err := r.Room(slopes, "what tokens take of each other", 4*r.batch*op.Heads*x.places*x.places); err != nil {
				return err
			}
			err := r.Launch("attention_queries", grid(r), shared, dst, slopes, shares, dy, r.at(s.in[0]), x.places, y.channels, op.Heads, x.step, y.step)
			if err != nil {
				return err
			}
			return r.Launch("attention_keys", grid(r), 0, dst, slopes, shares, dy, r.at(s.in[0]), x.places, y.channels, op.Heads, x.step, y.step)
		})
	}
	return nil
}

// scale multiplies each number of a row by one for its place.
func (t *training) scale(s *pass) {
	y := t.values[s.out]
	factors := t.learn(s.node.Parameters[0], vector(y.channels))
	sums, products := t.room("sums"), t.room("sums")
	adjust := func(r *run, to, from *buffer) error {
		return r.each("adjust", r.batch*y.size(), func(n int) []any {
			return []any{to, from, none, &factors.buffer, none, n, y.channels, y.step, 0}
		})
	}
	s.forward = func(r *run) error { return adjust(r, r.at(s.out), r.at(s.in[0])) }
	s.backward = func(r *run) error {
		rows, dy := r.batch*y.places, &t.back[s.out]
		if t.isTrained(factors) {
			per := perPart(rows)
			count := (rows + per - 1) / per
			room := errors.Join(r.Room(&factors.gradient, "gradients", 4*y.step), r.Room(sums, "sums", 4*y.step*count), r.Room(products, "sums", 4*y.step*count))
			if room != nil {
				return room
			}
			err := r.Launch("column_sums", [3]int{(y.step + 31) / 32, count, 1}, 4*128, sums, products, dy, r.at(s.in[0]), none, rows, y.step, per)
			if err != nil {
				return err
			}
			if err := r.each("sum_parts", y.step, func(n int) []any { return []any{&factors.gradient, products, count, n} }); err != nil {
				return err
			}
		}
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error { return adjust(r, dst, dy) })
	}
}

func (t *training) firstToken(s *pass, x value) {
	forward := s.step()
	t.plan.firstToken(forward, x)
	s.forward = forward.run
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("pool_all_back", r.batch*x.size(), func(n int) []any {
				return []any{dst, &t.back[s.out], none, n, x.places, x.step, 0, 0}
			})
		})
	}
}
