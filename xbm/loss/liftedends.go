package loss

import (
	"math"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
)

// ofColumns takes the sums over the negatives of the columns that are a positive
// of some anchor, block by block.
func (l *Lifted) ofColumns(p *pair.Problem, negatives []int) {
	if l.others == nil {
		l.others = map[int]float64{}
	}
	clear(l.others)
	var cols []int
	for i := range l.anchors {
		// The very embedding of an anchor has the anchor's negatives, if each of
		// them has counted once.
		a := &l.anchors[i]
		whole := a.nNeg == negatives[i] && a.seen == float64(a.nNeg)
		exact := !p.Rule.Keys && p.Columns.Halves == nil && p.Columns.Scale == nil
		if whole && exact && p.Rule.Own != nil && p.Rule.Own[i] >= 0 {
			l.others[p.Rule.Own[i]] = a.neg.Value()
		}
	}
	for i := range l.anchors {
		for _, q := range l.anchors[i].pos {
			if _, seen := l.others[q.col]; !seen {
				l.others[q.col] = math.Inf(-1)
				cols = append(cols, q.col)
			}
		}
	}
	e := &l.ends
	e.margin = l.NegMargin
	for first := 0; first < len(cols); first += angularBlockSize {
		block := cols[first:min(first+angularBlockSize, len(cols))]
		e.run(block, p)
		for k, col := range block {
			l.others[col] = e.sums[k].Value()
		}
	}
}

// liftedEnds is a loss that only sums up: its anchors are columns.
type liftedEnds struct {
	margin float64
	sums   []logsum.Sum
	engine engine.Engine
	rows   []float32
	wide   []float32
	labels []int32

	distanceSums
}

func (e *liftedEnds) run(cols []int, p *pair.Problem) {
	e.rows, e.labels = room.Sized(e.rows, len(cols)*p.Dim), room.Sized(e.labels, len(cols))
	for k, col := range cols {
		e.labels[k] = p.Columns.Labels[col]
		copy(e.rows[k*p.Dim:(k+1)*p.Dim], p.Columns.At(&e.wide, p.Dim, col, 1))
	}
	e.engine.Fold(&pair.Problem{Dim: p.Dim, Anchors: pair.Side{Rows: e.rows, Labels: e.labels}, Columns: p.Columns}, e)
}

// Begin implements [pair.Loss].
func (e *liftedEnds) Begin(p *pair.Problem) {
	e.begin(len(p.Anchors.Labels))
	e.sumsOnly = true
	e.sums = room.Sized(e.sums, len(p.Anchors.Labels))
	for k := range e.sums {
		e.sums[k] = logsum.Empty()
	}
}

// Passes implements [pair.Loss].
func (e *liftedEnds) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (e *liftedEnds) Fold(_ int, r *pair.Row) {
	for c, s := range r.Neg {
		if s > pair.NoPair {
			e.sums[r.Anchor].Add(e.margin - r.Distance(c, s))
		}
	}
}

// EndPass implements [pair.Loss].
func (e *liftedEnds) EndPass(int) {}

// Summary implements [pair.Loss].
func (e *liftedEnds) Summary() pair.Summary { return pair.Summary{} }

// Weigh implements [pair.Loss].
func (e *liftedEnds) Weigh([]float32, *pair.Row) {}

// EndParts implements [pair.Fast].
func (e *liftedEnds) EndParts() {
	for k := range e.sums {
		e.join(&e.sums[k], k, e.margin)
	}
}

// Factor implements [pair.Fast].
func (e *liftedEnds) Factor(int, int) float64 { return 0 }
