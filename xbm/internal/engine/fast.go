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
func (e *Engine) runFast(dst []float32, p *pair.Problem, l pair.Loss, most int) (taken bool, err error) {
	w, ok := wayOf(l)
	if !ok || !e.gather(p, most) {
		return false, nil
	}
	if err := e.joinPositives(p); err != nil {
		return false, err
	}
	l.Begin(p)
	mining := 0
	if w.miner != nil {
		mining = w.miner.Passes()
		if err := e.mine(p, w.miner); err != nil {
			return false, err
		}
	}
	if w.chooser != nil {
		e.weighFew(dst, p, l, w.chooser)
		return true, nil
	}
	return true, e.weighFast(dst, p, l, w, mining)
}

// weighFast takes l, of which the first passes are a miner's and done, to the
// gradient.
func (e *Engine) weighFast(dst []float32, p *pair.Problem, l pair.Loss, w way, mining int) error {
	parts, n := parts(p), len(p.Anchors.Labels)
	e.sums = room.Zeroed(e.sums, parts*n*p.Dim)
	if err := e.foldParts(p, l, w, mining, e.sums); err != nil {
		return err
	}
	first := firstPart(p, parts)
	e.finish(dst, nil, p, l)
	if pass := w.loss.Passes(); isFolded(w.loss) && !bounded(w.loss, pass, first).isClosed(parts, n) {
		e.sweepParts(p, parts, e.sums, w.weigh(first), w.sieve(pass, first))
	}
	e.eachPositives(p, nil, func(r *fewRow) {
		i := r.Anchor
		for part := range parts {
			if f := w.loss.Factor(first+part, i); f != 0 {
				kernel.Axpy(dst[i*p.Dim:(i+1)*p.Dim], float32(f), e.sums[(part*n+i)*p.Dim:][:p.Dim])
			}
		}
		e.weighRow(dst, p, l, r)
	})
	return nil
}

// foldParts takes l, of which the first passes are a miner's and done, to its last
// EndPass. Where sums is not nil, it gets the sums of the columns by part, unless they
// come later.
func (e *Engine) foldParts(p *pair.Problem, l pair.Loss, w way, mining int, sums []float32) error {
	last, first := l.Passes()-1, firstPart(p, parts(p))
	folded, _ := w.loss.(pair.FoldedFast)
	for pass := mining; pass <= last; pass++ {
		e.eachPositives(p, nil, func(r *fewRow) { l.Fold(pass, &r.Row) })
		var err error
		switch {
		case folded != nil:
			err = e.sweepLoss(p, w, nil, w.row(first, func(part int, r *pair.Row, _ []float32) (int, float32) {
				folded.FoldPart(part, pass-mining, r)
				return 0, 1
			}), pass-mining)
		case pass == last:
			err = e.sweepLoss(p, w, sums, w.weigh(first), pass-mining)
		}
		if err != nil {
			return err
		}
		l.EndPass(pass)
	}
	return nil
}

func isFolded(l pair.Fast) bool {
	_, ok := l.(pair.FoldedFast)
	return ok
}

// sweepLoss sweeps the negatives for a loss's pass.
func (e *Engine) sweepLoss(p *pair.Problem, w way, sums []float32, row partRow, pass int) error {
	parts := parts(p)
	first := firstPart(p, parts)
	w.loss.BeginParts(parts * ranksOf(p))
	if c, ok := w.loss.(pair.Counted); ok && w.miner == nil {
		c.CountNegatives(func(anchor int) int { return e.counts[anchor].neg })
	}
	if !bounded(w.loss, pass, first).isClosed(parts, len(p.Anchors.Labels)) {
		e.sweepParts(p, parts, sums, row, w.sieve(pass, first))
	}
	if err := e.joinParts(p, w.loss, parts); err != nil {
		return err
	}
	w.loss.EndParts()
	return nil
}

// weigh shows rows to the loss's WeighPart.
func (w way) weigh(first int) partRow { return w.row(first, w.loss.WeighPart) }

// row shows rows as the miner, if there is one, leaves them. first is the number of the
// first of the parts.
func (w way) row(first int, show partRow) partRow {
	return func(part int, r *pair.Row, weights []float32) (int, float32) {
		if w.miner != nil {
			w.miner.Select(r)
		}
		return show(first+part, r, weights)
	}
}

// mine takes the miner to its choice.
func (e *Engine) mine(p *pair.Problem, m pair.FastMiner) error {
	parts := parts(p)
	first := firstPart(p, parts)
	for pass := range m.Passes() {
		e.eachPositives(p, nil, func(r *fewRow) { m.Fold(pass, &r.Row) })
		m.BeginParts(parts * ranksOf(p))
		if sv := bounded(m, pass, first); !sv.isClosed(parts, len(p.Anchors.Labels)) {
			e.sweepParts(p, parts, nil, func(part int, r *pair.Row, _ []float32) (int, float32) {
				m.FoldPart(first+part, pass, r)
				return 0, 1
			}, sv)
		}
		if err := e.joinParts(p, m, parts); err != nil {
			return err
		}
		m.EndParts(pass)
		if err := e.joinMined(p, m); err != nil {
			return err
		}
		m.EndPass(pass)
	}
	return nil
}

// weighFew is weighFast where the miner lists the negatives that it has chosen.
func (e *Engine) weighFew(dst []float32, p *pair.Problem, l pair.Loss, m pair.FastMiner) {
	for pass := m.Passes(); pass < l.Passes(); pass++ {
		e.eachPositives(p, m, func(r *fewRow) { l.Fold(pass, &r.Row) })
		l.EndPass(pass)
	}
	e.finish(dst, nil, p, l)
	e.eachPositives(p, m, func(r *fewRow) { e.weighRow(dst, p, l, r) })
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

// weighRow adds the gradient of a row of eachPositives, by the columns that are here.
func (e *Engine) weighRow(dst []float32, p *pair.Problem, l pair.Loss, r *fewRow) {
	r.weight = room.Zeroed(r.weight, len(r.Columns))
	l.Weigh(r.weight, &r.Row)
	p.Multiply(r.weight, &r.Row)
	e.inspectRow(p, r)
	sum := dst[r.Anchor*p.Dim:][:p.Dim]
	for k, j := range r.Columns {
		if w := r.weight[k]; w != 0 && p.Columns.Holds(int(j)) {
			kernel.Axpy(sum, w, p.Columns.Row(&r.wide, p.Dim, int(j)))
		}
	}
}
