package engine

import (
	"slices"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// swept is how a loss is taken with a device.
type swept struct {
	miner   pair.SweptMiner // or nil
	loss    pair.Swept      // nil where the miner leaves few negatives
	sweeps  []pair.Sweep    // of the miner's passes
	weights pair.Sweep
}

// sweptOf returns how a device takes l, if it can: by its parameters alone, for l need
// not have begun. What is to be swept is prepared before each sweep.
func sweptOf(l pair.Loss) (w swept, ok bool) {
	if m, mined := l.(*pair.Mined); mined {
		if w.miner, ok = m.Miner.(pair.SweptMiner); !ok {
			return w, false
		}
		for pass := range w.miner.Passes() {
			var s pair.Sweep
			if !w.miner.PrepareMining(pass, &s) {
				return w, false
			}
			w.sweeps = append(w.sweeps, s)
		}
		if w.miner.IsFew() {
			return w, true
		}
		l = m.Loss
	}
	w.loss, ok = l.(pair.Swept)
	return w, ok && w.loss.Prepare(&w.weights)
}

// Sweeps reports whether a device can take the negatives of l.
func Sweeps(l pair.Loss) bool {
	_, ok := sweptOf(l)
	return ok
}

// RunOn is Run with the negatives taken by a device. It returns false, having stored
// nothing, where the device, or the loss, can't: for Run to take it.
func (e *Engine) RunOn(d pair.Sweeper, dst []float32, p *pair.Problem, l pair.Loss) (s pair.Summary, taken bool, err error) {
	w, ok := sweptOf(l)
	if !ok || p.Symmetric || p.Columns.Scale != nil || !e.gather(p, mostGathered) {
		return s, false, nil
	}
	if taken, err := d.Begin(p); err != nil || !taken {
		return s, false, err
	}
	clear(dst)
	l.Begin(p)
	mining := 0
	if w.miner != nil {
		mining = w.miner.Passes()
		if err := e.mineOn(d, p, w); err != nil {
			return s, false, err
		}
	}
	if w.loss == nil {
		e.weighFew(dst, p, l, w.miner)
	} else if taken, err := e.weighOn(d, dst, p, l, w, mining); err != nil || !taken {
		return s, false, err
	}
	return e.summary(l), true, nil
}

// mineOn takes the miner to its choice.
func (e *Engine) mineOn(d pair.Sweeper, p *pair.Problem, w swept) error {
	n := len(p.Anchors.Labels)
	for pass := range w.miner.Passes() {
		e.eachPositives(p, nil, func(r *fewRow) { w.miner.Fold(pass, &r.Row) })
		w.miner.PrepareMining(pass, &w.sweeps[pass])
		sums := make([]pair.Sums, d.Parts()*n)
		if err := d.Sweep(&w.sweeps[pass], sums); err != nil {
			return err
		}
		var wide []float32
		for i := range n {
			best := pair.Sums{Top: pair.NoPair, Count: -1}
			for k := i; k < len(sums); k += n {
				if sums[k].Count >= 0 && (best.Count < 0 || sums[k].Top > best.Top) {
					best = sums[k]
				}
			}
			if best.Count >= 0 {
				// Its similarity as the processor takes it, so that pairs compare with each other.
				best.Top = kernel.Dot(p.Anchors.Rows[i*p.Dim:][:p.Dim], p.Columns.At(&wide, p.Dim, int(best.Count), 1))
			}
			w.miner.JoinNearest(pass, i, int(best.Count), best.Top)
		}
		w.miner.EndPass(pass)
	}
	return nil
}

// weighOn takes l, of which the first passes are a miner's and done, to the gradient.
func (e *Engine) weighOn(d pair.Sweeper, dst []float32, p *pair.Problem, l pair.Loss, w swept, mining int) (taken bool, err error) {
	n, parts, last := len(p.Anchors.Labels), d.Parts(), l.Passes()-1
	if w.miner != nil && !w.miner.Bounds(&w.weights) {
		return false, nil
	}
	for pass := mining; pass <= last; pass++ {
		e.eachPositives(p, nil, func(r *fewRow) { l.Fold(pass, &r.Row) })
		if pass < last {
			l.EndPass(pass)
		}
	}
	w.loss.Prepare(&w.weights)
	sums := make([]pair.Sums, parts*n)
	if err := d.Sweep(&w.weights, sums); err != nil {
		return false, err
	}
	w.loss.BeginParts(parts)
	for k, s := range sums {
		w.loss.JoinPart(k/n, k%n, s)
	}
	w.loss.EndParts()
	l.EndPass(last)
	e.finish(dst, nil, p, l)
	half := 1.0
	if p.Halves != nil {
		half = p.Halves.Negative
	}
	factors := make([]float32, parts*n)
	for k := range factors {
		factors[k] = float32(half * w.loss.Factor(k/n, k%n))
	}
	e.sums = room.Sized(e.sums, n*p.Dim)
	if slices.ContainsFunc(factors, func(f float32) bool { return f != 0 }) {
		if err := d.Gradient(e.sums, factors); err != nil {
			return false, err
		}
		kernel.Axpy(dst, 1, e.sums)
	}
	e.eachPositives(p, nil, func(r *fewRow) { e.weighRow(dst, p, l, r) })
	return true, nil
}
