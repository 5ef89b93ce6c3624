package pair

import (
	"crossbatch/xbm/kernel"
)

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

// runAhead is RunBoth, but for the counts, where there is a shorter way.
func (e *Engine) runAhead(dst []float32, p *Problem, l Loss) bool {
	var miner aheadMiner
	inner := l
	if m, ok := l.(*Mined); ok {
		if miner, ok = m.Miner.(aheadMiner); !ok {
			return false
		}
		inner = m.Loss
	}
	loss, ok := inner.(aheadLoss)
	ok = ok && loss.ahead()
	chooser, single := miner.(singleMiner)
	single = single && chooser.single()
	if !ok && !single || !e.gather(p) {
		return false
	}
	l.Begin(p)
	parts := p.parts()
	mining := 0
	if miner != nil {
		mining = miner.Passes()
		e.mine(p, miner, parts)
	}
	if single {
		e.fewPairs(dst, p, l, chooser)
		return true
	}
	last := l.Passes() - 1
	for pass := mining; pass <= last; pass++ {
		e.eachPositives(p, nil, func(r *Row) { l.Fold(pass, r) })
		if pass < last {
			l.EndPass(pass)
		}
	}
	loss.beginParts(parts)
	n := len(p.Anchors.Labels)
	e.sums = zeroed(e.sums, parts*n*p.Dim)
	weigh := loss.weighAhead
	if miner != nil {
		weigh = func(part int, r *Row, w []float32) (int, float32) {
			miner.Select(r)
			return loss.weighAhead(part, r, w)
		}
	}
	e.sweepParts(p, parts, e.sums, weigh)
	loss.endParts()
	l.EndPass(last)
	if i, ok := l.(indirect); ok {
		i.finish(e, dst, nil, p)
	}
	e.eachPositives(p, nil, func(r *Row) {
		i := r.Anchor
		for part := range parts {
			if f := loss.factor(part, i); f != 0 {
				kernel.Axpy(dst[i*p.Dim:(i+1)*p.Dim], float32(f), e.sums[(part*n+i)*p.Dim:][:p.Dim])
			}
		}
		weighRow(dst, p, l, r)
	})
	return true
}

// mine takes the miner to its choice.
func (e *Engine) mine(p *Problem, m aheadMiner, parts int) {
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

// fewPairs is the rest of runAhead where a miner has chosen at most one negative
// an anchor.
func (e *Engine) fewPairs(dst []float32, p *Problem, l Loss, m singleMiner) {
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
	sum := dst[r.Anchor*p.Dim:][:p.Dim]
	for k, j := range r.cols {
		if w := r.weight[k]; w != 0 {
			kernel.Axpy(sum, w, p.Columns.from(&r.wide, p.Dim, int(j), 1))
		}
	}
}
