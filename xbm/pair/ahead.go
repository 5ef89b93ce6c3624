package pair

import "crossbatch/xbm/kernel"

// aheadLoss is a loss that can weigh its negatives in the very sweep that folds
// them: all that it finds out only afterwards is one factor an anchor. So one
// product takes the similarities and one adds up the gradient, and no column is
// read twice.
//
// The engine calls Begin; then Fold, with EndPass between, for each pass on the
// rows of the positives alone; then, in place of the last pass's other Folds,
// beginParts, weighAhead and endParts; then the last EndPass, and Weigh on the
// rows of the positives. It is the same result as by Fold and Weigh alone,
// which stay the plain way to it.
type aheadLoss interface {
	Loss
	// ahead says whether the loss can, with its parameters as they are.
	ahead() bool
	// beginParts prepares sums for so many parts of the columns.
	beginParts(parts int)
	// weighAhead folds the row's negatives into the part's sums and stores in w
	// their weights, up to a factor. It returns how many it stored and what the
	// part's earlier weights of the anchor are to be multiplied by. It may use
	// r.Neg as scratch. Calls for different parts or anchors may be concurrent.
	weighAhead(part int, r *Row, w []float32) (stored int, keep float32)
	// endParts joins the sums of the parts, as if they had been folded.
	endParts()
	// factor is what the part's weights of the anchor lack. It is valid after the
	// last EndPass.
	factor(part, anchor int) float64
}

// aheadMiner is a miner that can be folded by parts, after its first pass has
// seen the positives.
type aheadMiner interface {
	Miner
	beginParts(parts int)
	foldPart(part, pass int, r *Row)
	endParts(pass int)
}

// singleMiner is a miner that may choose no more than one negative an anchor.
type singleMiner interface {
	aheadMiner
	// single says that it does, with its parameters as they are.
	single() bool
	// only returns that negative; its col is -1 for none.
	only(anchor int) extreme
}

// shortWay is how a loss comes to its gradient in one sweep.
type shortWay struct {
	miner   aheadMiner  // or nil
	chooser singleMiner // the miner, if it leaves no more than a negative an anchor
	loss    aheadLoss   // where there is no chooser
}

// shortWayOf returns the short way that there is for l, if there is one.
func shortWayOf(l Loss) (way shortWay, ok bool) {
	if m, mined := l.(*Mined); mined {
		if way.miner, ok = m.Miner.(aheadMiner); !ok {
			return way, false
		}
		if chooser, ok := m.Miner.(singleMiner); ok && chooser.single() {
			way.chooser = chooser
			return way, true
		}
		l = m.Loss
	}
	way.loss, ok = l.(aheadLoss)
	return way, ok && way.loss.ahead()
}

// runAhead is RunBoth, but for the counts, where there is a shorter way.
func (e *Engine) runAhead(dst []float32, p *Problem, l Loss) bool {
	way, ok := shortWayOf(l)
	if !ok || !e.gather(p) {
		return false
	}
	l.Begin(p)
	mining := 0
	if way.miner != nil {
		mining = way.miner.Passes()
		e.mine(p, way.miner)
	}
	if way.chooser != nil {
		e.weighFew(dst, p, l, way.chooser)
	} else {
		e.weighAhead(dst, p, l, way, mining)
	}
	return true
}

// weighAhead takes l, of which the first passes are a miner's and done, to the
// gradient.
func (e *Engine) weighAhead(dst []float32, p *Problem, l Loss, way shortWay, mining int) {
	last := l.Passes() - 1
	for pass := mining; pass <= last; pass++ {
		e.eachPositives(p, nil, func(r *Row) { l.Fold(pass, r) })
		if pass < last {
			l.EndPass(pass)
		}
	}
	parts, n := p.parts(), len(p.Anchors.Labels)
	way.loss.beginParts(parts)
	e.sums = zeroed(e.sums, parts*n*p.Dim)
	weigh := way.loss.weighAhead
	if way.miner != nil {
		weigh = func(part int, r *Row, w []float32) (int, float32) {
			way.miner.Select(r)
			return way.loss.weighAhead(part, r, w)
		}
	}
	e.sweepParts(p, parts, e.sums, weigh)
	way.loss.endParts()
	l.EndPass(last)
	if i, ok := l.(indirect); ok {
		i.finish(e, dst, nil, p)
	}
	e.eachPositives(p, nil, func(r *Row) {
		i := r.Anchor
		for part := range parts {
			if f := way.loss.factor(part, i); f != 0 {
				kernel.Axpy(dst[i*p.Dim:(i+1)*p.Dim], float32(f), e.sums[(part*n+i)*p.Dim:][:p.Dim])
			}
		}
		weighRow(dst, p, l, r)
	})
}

// mine takes the miner to its choice.
func (e *Engine) mine(p *Problem, m aheadMiner) {
	parts := p.parts()
	for pass := range m.Passes() {
		e.eachPositives(p, nil, func(r *Row) { m.Fold(pass, r) })
		m.beginParts(parts)
		e.sweepParts(p, parts, nil, func(part int, r *Row, _ []float32) (int, float32) {
			m.foldPart(part, pass, r)
			return 0, 1
		})
		m.endParts(pass)
		m.EndPass(pass)
	}
}

// weighFew is weighAhead where the miner has chosen at most one negative an
// anchor.
func (e *Engine) weighFew(dst []float32, p *Problem, l Loss, m singleMiner) {
	for pass := m.Passes(); pass < l.Passes(); pass++ {
		e.eachPositives(p, m, func(r *Row) { l.Fold(pass, r) })
		l.EndPass(pass)
	}
	if i, ok := l.(indirect); ok {
		i.finish(e, dst, nil, p)
	}
	e.eachPositives(p, m, func(r *Row) { weighRow(dst, p, l, r) })
}

// eachPositives shows the row of each anchor's positives and, with a miner, of
// the negative that it chose.
func (e *Engine) eachPositives(p *Problem, m singleMiner, show func(*Row)) {
	n := len(p.Anchors.Labels)
	block := gatherBlock
	if e.total < fewPositives {
		block = n // not worth a thread
	}
	kernel.Parallel(blocks(n, block), func(b int) {
		ws := e.workspace()
		defer e.spaces.Put(ws)
		for i := b * block; i < min(n, (b+1)*block); i++ {
			negative := extreme{col: -1}
			if m != nil {
				negative = m.only(i)
			}
			e.positives(&ws.few, p, i, negative)
			show(&ws.few)
		}
	})
}

// weighRow adds the gradient of a row of eachPositives.
func weighRow(dst []float32, p *Problem, l Loss, r *Row) {
	r.weight = zeroed(r.weight, len(r.cols))
	l.Weigh(r.weight, r)
	p.multiply(r.weight, r)
	sum := dst[r.Anchor*p.Dim:][:p.Dim]
	for k, j := range r.cols {
		if w := r.weight[k]; w != 0 {
			kernel.Axpy(sum, w, p.Columns.from(&r.wide, p.Dim, int(j), 1))
		}
	}
}
