package pair

import "math"

// ofColumns takes the sums over the negatives of the columns that are a positive
// of some anchor, block by block.
func (l *Lifted) ofColumns(p *Problem, counts []pairCounts) {
	if l.others == nil {
		l.others = map[int]float64{}
	}
	clear(l.others)
	var cols []int
	for i := range l.anchors {
		// The very embedding of an anchor has the anchor's negatives, if each of
		// them has counted once.
		a := &l.anchors[i]
		whole := a.nNeg == counts[i].neg && a.seen == float64(a.nNeg)
		exact := !p.Keys && p.Columns.Halves == nil && p.Columns.Scale == nil
		if whole && exact && p.Own != nil && p.Own[i] >= 0 {
			l.others[p.Own[i]] = a.neg.value()
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
			l.others[col] = e.sums[k].value()
		}
	}
}

// liftedEnds is a loss that only sums up: its anchors are columns.
type liftedEnds struct {
	margin float64
	sums   []logSum
	parts  partSums
	engine Engine
	rows   []float32
	wide   []float32
	labels []int32
}

func (e *liftedEnds) run(cols []int, p *Problem) {
	e.rows, e.labels = sizedTo(e.rows, len(cols)*p.Dim), sizedTo(e.labels, len(cols))
	for k, col := range cols {
		e.labels[k] = p.Columns.Labels[col]
		copy(e.rows[k*p.Dim:(k+1)*p.Dim], p.Columns.from(&e.wide, p.Dim, col, 1))
	}
	ends := &Problem{Dim: p.Dim, Anchors: Side{Rows: e.rows, Labels: e.labels}, Columns: p.Columns}
	e.Begin(ends)
	parts := ends.parts()
	if !e.engine.gather(ends) {
		e.engine.fold(ends, e)
		return
	}
	e.parts.begin(parts, len(cols), -1)
	e.engine.sweepParts(ends, parts, nil, func(part int, r *Row, w []float32) (int, float32) {
		return e.parts.addDistances(part, r, w, false)
	})
	for k := range e.sums {
		e.parts.join(&e.sums[k], k, e.margin)
	}
}

// Begin implements [Loss].
func (e *liftedEnds) Begin(p *Problem) {
	e.sums = sizedTo(e.sums, len(p.Anchors.Labels))
	for k := range e.sums {
		e.sums[k] = emptyLogSum()
	}
}

// Passes implements [Loss].
func (e *liftedEnds) Passes() int { return 1 }

// Fold implements [Loss].
func (e *liftedEnds) Fold(_ int, r *Row) {
	for c, s := range r.Neg {
		if s > noPair {
			e.sums[r.Anchor].add(e.margin - r.distance(c, s))
		}
	}
}

// EndPass implements [Loss].
func (e *liftedEnds) EndPass(int) {}

// Summary implements [Loss].
func (e *liftedEnds) Summary() Summary { return Summary{} }

// Weigh implements [Loss].
func (e *liftedEnds) Weigh([]float32, *Row) {}

func (l *Lifted) euclidean() bool { return true }
