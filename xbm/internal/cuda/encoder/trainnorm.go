package encoder

import (
	"errors"

	"crossbatch/backbone/network"
)

// batchNorm is a batch normalisation by the batch's statistics, or frozen.
func (t *training) batchNorm(s *pass, op network.BatchNorm) {
	y, of := t.values[s.out], s.node.Parameters
	if op.Frozen {
		t.frozenNorm(s)
		return
	}
	l := vector(y.channels)
	scale, shift := t.learn(of[0], l), t.learn(of[1], l)
	runningMean, runningVariance := t.plain(of[2], l), t.plain(of[3], l)
	t.moving = append(t.moving, runningMean, runningVariance)
	mean, inverse, factor, slope, constant := t.room("mean"), t.room("deviation"), t.room("factor"), t.room("slope"), t.room("constant")
	sums, squares := t.room("sums"), t.room("sums")
	s.forward = func(r *run) error {
		rows := r.batch * y.places
		per := perPart(rows)
		count := (rows + per - 1) / per
		var failed error
		for _, b := range []*buffer{mean, inverse, factor, slope, constant} {
			failed = errors.Join(failed, r.Room(b, "statistics", 4*y.step))
		}
		if err := errors.Join(failed, r.Room(sums, "statistics", 4*y.step*count), r.Room(squares, "statistics", 4*y.step*count)); err != nil {
			return err
		}
		err := r.Launch("moments", [3]int{(y.step + 31) / 32, count, 1}, 4*128, sums, squares, r.at(s.in[0]), rows, y.step, per)
		if err != nil {
			return err
		}
		err = r.each("statistics", y.channels, func(n int) []any {
			return []any{mean, inverse, factor, &runningMean.buffer, &runningVariance.buffer, sums, squares, &scale.buffer, rows, n, y.step, per, op.Epsilon, op.Momentum}
		})
		if err != nil {
			return err
		}
		return r.each("adjust", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.out), r.at(s.in[0]), mean, factor, &shift.buffer, n, y.channels, y.step, 0}
		})
	}
	s.backward = func(r *run) error {
		rows, dy := r.batch*y.places, &t.back[s.out]
		per := perPart(rows)
		if err := errors.Join(r.Room(&scale.gradient, "gradients", 4*y.step), r.Room(&shift.gradient, "gradients", 4*y.step)); err != nil {
			return err
		}
		err := r.Launch("column_sums", [3]int{(y.step + 31) / 32, (rows + per - 1) / per, 1}, 4*128, sums, squares, dy, r.at(s.in[0]), mean, rows, y.step, per)
		if err != nil {
			return err
		}
		err = r.each("slopes", y.step, func(int) []any {
			return []any{&scale.gradient, &shift.gradient, slope, constant, sums, squares, inverse, factor, rows, y.channels, y.step, per}
		})
		if err != nil {
			return err
		}
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("combine", r.batch*y.size(), func(n int) []any {
				return []any{dst, dy, r.at(s.in[0]), mean, factor, slope, constant, n, y.channels, y.step}
			})
		})
	}
}

// frozenNorm is a batch normalisation by its running statistics, there and back.
func (t *training) frozenNorm(s *pass) {
	y := t.values[s.out]
	factors, shifts := t.foldedWeights(s.node, y.step)
	adjust := func(r *run, to, from, shifts *buffer) error {
		return r.each("adjust", r.batch*y.size(), func(n int) []any {
			return []any{to, from, none, &factors.buffer, shifts, n, y.channels, y.step, 0}
		})
	}
	s.forward = func(r *run) error { return adjust(r, r.at(s.out), r.at(s.in[0]), &shifts.buffer) }
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error { return adjust(r, dst, &t.back[s.out], none) })
	}
}

func (t *training) layerNorm(s *pass, op network.LayerNorm) {
	y, l := t.values[s.out], vector(t.values[s.out].channels)
	scales, shifts := t.learn(s.node.Parameters[0], l), t.learn(s.node.Parameters[1], l)
	moments, products, sums := t.room("moments"), t.room("products"), t.room("sums")
	s.forward = func(r *run) error {
		if err := r.Room(moments, "moments", 8*r.batch*y.places); err != nil {
			return err
		}
		return r.Launch("layer_norm", [3]int{r.batch * y.places, 1, 1}, reduceBytes,
			r.at(s.out), r.at(s.in[0]), &scales.buffer, &shifts.buffer, moments, y.channels, y.step, op.Epsilon)
	}
	s.backward = func(r *run) error {
		dy := &t.back[s.out]
		if err := r.Room(products, "products", 4*r.batch*y.size()); err != nil {
			return err
		}
		back := func(dst, _ *buffer) error {
			return r.Launch("layer_norm_back", [3]int{r.batch * y.places, 1, 1}, reduceBytes,
				dst, products, dy, r.at(s.in[0]), &scales.buffer, moments, y.channels, y.step)
		}
		err := t.gradient(r, s.in[0], false, back)
		if !t.moves[s.in[0]] { // the products are wanted all the same
			err = errors.Join(r.Room(&t.more, "gradients", 4*r.batch*y.size()), back(&t.more, none))
		}
		if err != nil {
			return err
		}
		return errors.Join(t.columns(r, &scales.gradient, sums, products, r.batch*y.places, y.step), t.columns(r, &shifts.gradient, sums, dy, r.batch*y.places, y.step))
	}
}
