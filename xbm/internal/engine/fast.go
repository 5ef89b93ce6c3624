package engine

import (
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// way is how a loss comes to its gradient in one sweep.
type way struct {
	miner   pair.FastMiner // or nil
	chooser pair.FastMiner // the miner, if it leaves few negatives
	loss    pair.Fast      // where there is no chooser
}

// wayOf returns the fast way that there is for l, if there is one.
func wayOf(l pair.Loss) (w way, ok bool) {
	if m, mined := l.(*pair.Mined); mined {
		if w.miner, ok = m.Miner.(pair.FastMiner); !ok {
			return w, false
		}
		if w.miner.IsFew() {
			w.chooser = w.miner
			return w, true
		}
		l = m.Loss
		if _, isInterval := w.miner.(pair.IntervalMiner); isInterval && !pair.TraitsOf(l).Triplets {
			return w, false // it wants multiplicities
		}
	}
	w.loss, ok = l.(pair.Fast)
	return w, ok && w.loss.IsFast()
}

// runFast is RunBoth, but for the counts, where there is a fast way.
func (e *Engine) runFast(dst []float32, p *pair.Problem, l pair.Loss) bool {
	w, ok := wayOf(l)
	if !ok || !e.gather(p) {
		return false
	}
	l.Begin(p)
	mining := 0
	if w.miner != nil {
		mining = w.miner.Passes()
		e.mine(p, w.miner)
	}
	if w.chooser != nil {
		e.weighFew(dst, p, l, w.chooser)
	} else {
		e.weighFast(dst, p, l, w, mining)
	}
	return true
}

// weighFast takes l, of which the first passes are a miner's and done, to the
// gradient.
func (e *Engine) weighFast(dst []float32, p *pair.Problem, l pair.Loss, w way, mining int) {
	parts, n := parts(p), len(p.Anchors.Labels)
	e.sums = room.Zeroed(e.sums, parts*n*p.Dim)
	e.foldParts(p, l, w, mining, e.sums)
	e.finish(dst, nil, p, l)
	if pass := w.loss.Passes(); isFolded(w.loss) && !bounded(w.loss, pass).isClosed(parts, n) {
		e.sweepParts(p, parts, e.sums, w.weigh(), w.sieve(pass))
	}
	e.eachPositives(p, nil, func(r *fewRow) {
		i := r.Anchor
		for part := range parts {
			if f := w.loss.Factor(part, i); f != 0 {
				kernel.Axpy(dst[i*p.Dim:(i+1)*p.Dim], float32(f), e.sums[(part*n+i)*p.Dim:][:p.Dim])
			}
		}
		weighRow(dst, p, l, r)
	})
}

// foldParts takes l, of which the first passes are a miner's and done, to its last
// EndPass. Where sums is not nil, it gets the sums of the columns by part, unless they
// come later.
func (e *Engine) foldParts(p *pair.Problem, l pair.Loss, w way, mining int, sums []float32) {
	parts, last := parts(p), l.Passes()-1
	folded, _ := w.loss.(pair.FoldedFast)
	for pass := mining; pass <= last; pass++ {
		e.eachPositives(p, nil, func(r *fewRow) { l.Fold(pass, &r.Row) })
		switch {
		case folded != nil:
			e.sweepLoss(p, parts, w, nil, w.row(func(part int, r *pair.Row, _ []float32) (int, float32) {
				folded.FoldPart(part, pass-mining, r)
				return 0, 1
			}), pass-mining)
		case pass == last:
			e.sweepLoss(p, parts, w, sums, w.weigh(), pass-mining)
		}
		l.EndPass(pass)
	}
}

func isFolded(l pair.Fast) bool {
	_, ok := l.(pair.FoldedFast)
	return ok
}

// sweepLoss sweeps the negatives for a loss's pass.
func (e *Engine) sweepLoss(p *pair.Problem, parts int, w way, sums []float32, row partRow, pass int) {
	w.loss.BeginParts(parts)
	if c, ok := w.loss.(pair.Counted); ok && w.miner == nil {
		c.CountNegatives(func(anchor int) int { return e.counts[anchor].neg })
	}
	if !bounded(w.loss, pass).isClosed(parts, len(p.Anchors.Labels)) {
		e.sweepParts(p, parts, sums, row, w.sieve(pass))
	}
	w.loss.EndParts()
}

// weigh shows rows to the loss's WeighPart.
func (w way) weigh() partRow { return w.row(w.loss.WeighPart) }

// row shows rows as the miner, if there is one, leaves them.
func (w way) row(show partRow) partRow {
	if w.miner == nil {
		return show
	}
	return func(part int, r *pair.Row, weights []float32) (int, float32) {
		w.miner.Select(r)
		return show(part, r, weights)
	}
}

// mine takes the miner to its choice.
func (e *Engine) mine(p *pair.Problem, m pair.FastMiner) {
	parts := parts(p)
	for pass := range m.Passes() {
		e.eachPositives(p, nil, func(r *fewRow) { m.Fold(pass, &r.Row) })
		m.BeginParts(parts)
		if sv := bounded(m, pass); !sv.isClosed(parts, len(p.Anchors.Labels)) {
			e.sweepParts(p, parts, nil, func(part int, r *pair.Row, _ []float32) (int, float32) {
				m.FoldPart(part, pass, r)
				return 0, 1
			}, sv)
		}
		m.EndParts(pass)
		m.EndPass(pass)
	}
}

// weighFew is weighFast where the miner lists the negatives that it has chosen.
func (e *Engine) weighFew(dst []float32, p *pair.Problem, l pair.Loss, m pair.FastMiner) {
	for pass := m.Passes(); pass < l.Passes(); pass++ {
		e.eachPositives(p, m, func(r *fewRow) { l.Fold(pass, &r.Row) })
		l.EndPass(pass)
	}
	e.finish(dst, nil, p, l)
	e.eachPositives(p, m, func(r *fewRow) { weighRow(dst, p, l, r) })
}

// eachPositives shows the row of each anchor's positives and, with a miner, of the
// negatives that it chose.
func (e *Engine) eachPositives(p *pair.Problem, m pair.FastMiner, show func(*fewRow)) {
	n := len(p.Anchors.Labels)
	block := gatherBlock
	if e.total < fewPositives {
		block = n // not worth a thread
	}
	kernel.Parallel(kernel.Blocks(n, block), func(b int) {
		ws := e.workspace()
		defer e.spaces.Put(ws)
		for i := b * block; i < min(n, (b+1)*block); i++ {
			few := &ws.few
			few.more = few.more[:0]
			if m != nil {
				m.Few(i, func(column int, sim float32) { few.more = append(few.more, negative{column, sim}) })
			}
			few.set(p, i, &e.gathered[i])
			show(few)
		}
	})
}

// weighRow adds the gradient of a row of eachPositives.
func weighRow(dst []float32, p *pair.Problem, l pair.Loss, r *fewRow) {
	r.weight = room.Zeroed(r.weight, len(r.Columns))
	l.Weigh(r.weight, &r.Row)
	p.Multiply(r.weight, &r.Row)
	sum := dst[r.Anchor*p.Dim:][:p.Dim]
	for k, j := range r.Columns {
		if w := r.weight[k]; w != 0 {
			kernel.Axpy(sum, w, p.Columns.At(&r.wide, p.Dim, int(j), 1))
		}
	}
}
