package encoder

import (
	"errors"
	"fmt"
	"slices"

	"crossbatch/backbone/network"
)

// untrained is the error of an operation that has no way back here.
func untrained(op network.Op) error { return fmt.Errorf("no kernel trains %T", op) }

// What the parts of a filters' gradient take at most, in numbers, and how many there are.
const (
	mostPartial = 1 << 24
	mostParts   = 64
)

// room is a buffer of the training's own.
func (t *training) room(what string) *buffer { return &t.weight(what, 0, nil, nil).buffer }

// product is a convolution or a linear map, whose filters and shifts are the node's
// parameters.
func (t *training) product(s *pass, o *product, shifted bool) {
	filters := t.learn(s.node.Parameters[0], o.layout)
	o.filters = filters.weight
	var shifts *trained
	if shifted {
		shifts = t.learn(s.node.Parameters[1], vector(o.rows))
		o.shifts = shifts.weight
	}
	s.forward = func(r *run) error { return o.run(r, r.at(s.out), r.at(s.in[0]), nil, false) }
	sums, parts, turned := t.room("parts"), t.room("parts"), t.room("filters")
	s.backward = func(r *run) error {
		dy := &t.back[s.out]
		if t.isTrained(filters) {
			if err := o.weights(r, &filters.gradient, parts, r.at(s.in[0]), dy); err != nil {
				return err
			}
		}
		if t.isTrained(shifts) {
			if err := t.columns(r, &shifts.gradient, sums, dy, r.batch*o.down*o.across, o.step); err != nil {
				return err
			}
		}
		return t.gradient(r, s.in[0], true, func(dst, before *buffer) error { return o.input(r, dst, before, turned, dy) })
	}
}

// weights makes the gradient of the filters.
func (o *product) weights(r *run, to, parts, x, dy *buffer) error {
	rows, n := r.batch*o.down*o.across, o.layout.size()
	across, down := (o.layout.stride+tile-1)/tile, (o.rows+tile-1)/tile
	count := max(1, min(rows/128, mostParts, mostPartial/n, (1024+across*down-1)/(across*down)))
	if err := errors.Join(r.Room(to, "gradients", 4*n), r.Room(parts, "gradients of filters", 4*n*count)); err != nil {
		return err
	}
	err := r.Launch("weights_"+string(r.precision), [3]int{across, down, count}, productBytes, slices.Concat(
		[]any{x, dy, parts}, o.arguments(), []any{rows, o.rows, o.step, o.layout.stride, count})...)
	if err != nil {
		return err
	}
	return r.each("sum_parts", n, func(n int) []any { return []any{to, parts, count, n} })
}

// input makes the gradient of the input, and adds what is there before.
func (o *product) input(r *run, to, before, turned, dy *buffer) error {
	g := o.gather
	taps, stride := g.size*g.size, depth(g.size*g.size*o.step)
	if err := r.Room(turned, "filters", 4*g.step*stride); err != nil {
		return err
	}
	err := r.each("turn_filters", g.step*stride, func(int) []any {
		return []any{turned, &o.filters.buffer, g.step, o.rows, taps, g.step, o.layout.stride, o.step, stride}
	})
	if err != nil {
		return err
	}
	back := product{
		gather: gather{g.down, g.across, o.step, g.height, g.width, g.size, g.stride, g.pad, 1},
		layout: layout{rows: g.step, stride: stride}, filters: &weight{buffer: *turned}, step: g.step,
	}
	return back.run(r, to, dy, before, false)
}

// perPart is how many of a batch's rows are summed on their own.
func perPart(rows int) int { return max(128, (rows+511)/512) }

// columns makes the sums of dy over its rows.
func (t *training) columns(r *run, to, parts, dy *buffer, rows, step int) error {
	per := perPart(rows)
	count := (rows + per - 1) / per
	if err := errors.Join(r.Room(to, "gradients", 4*step), r.Room(parts, "sums", 4*step*count)); err != nil {
		return err
	}
	err := r.Launch("column_sums", [3]int{(step + 31) / 32, count, 1}, 4*128, parts, none, dy, none, none, rows, step, per)
	if err != nil {
		return err
	}
	return r.each("sum_parts", step, func(n int) []any { return []any{to, parts, count, n} })
}
