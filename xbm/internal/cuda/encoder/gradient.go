package encoder

import "crossbatch/backbone/network"

// gradient has store make the gradient of a value in a buffer; before is what the value has
// of others already, or nil. Where store does not add that, gradient does.
func (t *training) gradient(r *run, v network.Value, adds bool, store func(dst, before *buffer) error) error {
	if !t.moves[v] {
		return nil
	}
	n, to := r.batch*t.values[v].size(), &t.back[v]
	if !t.has[v] {
		t.has[v] = true
		if err := r.Room(to, "gradients", 4*n); err != nil {
			return err
		}
		return store(to, none)
	}
	if adds {
		return store(to, to)
	}
	if err := r.Room(&t.more, "gradients", 4*n); err != nil {
		return err
	}
	if err := store(&t.more, none); err != nil {
		return err
	}
	return r.each("add", n, func(n int) []any { return []any{to, to, &t.more, n, 0} })
}

// passOn has the gradient of the result be that of a value.
func (t *training) passOn(r *run, v network.Value, dy *buffer, y value) error {
	return t.gradient(r, v, true, func(dst, before *buffer) error {
		if before != nil {
			return r.each("add", r.batch*y.size(), func(n int) []any { return []any{dst, before, dy, n, 0} })
		}
		return r.each("place", r.batch*y.size(), func(n int) []any { return []any{dst, dy, n, y.step, y.step, y.step, y.step, 0} })
	})
}
