package loss

import (
	"math"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// SNRContrastive is the contrastive loss by the ratio of noise to signal: how much
// the numbers of anchor and column differ, over how much the anchor's vary.
//
//	Tongtong Yuan, Weihong Deng, Jian Tang, Yinan Tang, Binghui Chen.
//	Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.02616 (equations 4 and 6)
//
// With the variance over a row's numbers, d(a,b) = Var(a-b)/Var(a) of unit rows;
// it is not symmetric. The terms are [d - PosMargin]₊ of positives and
// [NegMargin - d]₊ of negatives; the value is the mean over the positive terms that
// are not zero plus the same of the negative ones. Unlike in the paper, nothing
// regularises the rows' means. An anchor whose numbers are all equal has no signal
// and no pairs; terms up to 1e-6 are zero, as in [Contrastive].
type SNRContrastive struct {
	PosMargin float64   // from 0 to 4; usual: 0
	NegMargin float64   // from 0 to 4; usual: 1
	Reduction Reduction // usual: OverActive

	problem            *pair.Problem
	anchors            []snrAnchor
	parts              []snrAnchor // by part of the columns; negatives only
	leastSquare        float64     // of the columns
	mostMean           float64     // of the columns, without its sign
	rows, columns      []rowSpread
	blocks             [][]snrSums // by block of anchors: what each column gets; symmetric only
	summary            pair.Summary
	posScale, negScale float64
}

// rowSpread is a row's mean, and the sum of squares about it.
type rowSpread struct{ mean, square float64 }

type snrAnchor struct {
	pos, neg         float64
	activePos        float64 // multiplicities of the terms
	activeNeg        float64
	nPos, nNeg       int
	allPos, allNeg   float64 // terms, zero or not
	posSums, negSums snrSums
}

// snrSums is a gradient with respect to a row: along times the row plus flat
// times ones.
type snrSums struct{ along, flat float64 }

// Validate returns an error that names the first parameter out of its range.
func (l *SNRContrastive) Validate() error { return spec.Check(kind, "snr-contrastive", l.fields()) }

func (l *SNRContrastive) fields() []spec.Field {
	return []spec.Field{{Key: "pos_margin", At: &l.PosMargin, Range: spec.From(0, 4)}, {Key: "neg_margin", At: &l.NegMargin, Range: spec.From(0, 4)}, reductionField(&l.Reduction, OverActive)}
}

// Begin implements [pair.Loss].
func (l *SNRContrastive) Begin(p *pair.Problem) {
	l.problem = p
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	l.rows = spreads(l.rows, p.Anchors, p.Dim, rowSpreadOf)
	spread := rowSpreadOf
	if !p.Symmetric {
		spread = quickSpreadOf
	}
	l.columns = spreads(l.columns, p.Columns, p.Dim, spread)
	l.leastSquare, l.mostMean = math.Inf(1), 0
	for _, c := range l.columns {
		l.leastSquare, l.mostMean = min(l.leastSquare, c.square), max(l.mostMean, math.Abs(c.mean))
	}
	l.blocks = l.blocks[:0]
	if p.Symmetric {
		for range kernel.Blocks(len(l.anchors), engine.AnchorBlock) {
			l.blocks = append(l.blocks, make([]snrSums, 2*len(l.anchors)))
		}
	}
}

func spreads(s []rowSpread, side pair.Side, dim int, of func(row, ones []float32) rowSpread) []rowSpread {
	s = room.Sized(s, len(side.Labels))
	ones := make([]float32, dim)
	for k := range ones {
		ones[k] = 1
	}
	kernel.Parallel(kernel.Blocks(len(s), engine.ColumnTile), func(b int) {
		var room []float32
		for i := b * engine.ColumnTile; i < min(len(s), (b+1)*engine.ColumnTile); i++ {
			s[i] = of(side.At(&room, dim, i, 1), ones)
		}
	})
	return s
}

func rowSpreadOf(row, _ []float32) rowSpread {
	var sum, square float64
	for _, x := range row {
		sum += float64(x)
	}
	mean := sum / float64(len(row))
	for _, x := range row {
		square += (float64(x) - mean) * (float64(x) - mean)
	}
	return rowSpread{mean, square}
}

// quickSpreadOf is rowSpreadOf but for the rounding of float32, which tells an anchor
// without a signal from others, but does not matter for a column.
func quickSpreadOf(row, ones []float32) rowSpread {
	mean := float64(kernel.Dot(row, ones)) / float64(len(row))
	return rowSpread{mean, max(0, float64(kernel.SumSquares(row))-float64(len(row))*mean*mean)}
}

// Passes implements [pair.Loss].
func (l *SNRContrastive) Passes() int { return 1 }

// noSignal is the spread under which an anchor's numbers are all equal.
const noSignal = 1e-9

// noise is d, and twice the centred similarity's lack, U-2t, of anchor and column.
func (l *SNRContrastive) noise(r *pair.Row, c int, s float32) (d, rest float64) {
	a, b := l.rows[r.Anchor], l.columns[r.Column(c)]
	rest = b.square - 2*(float64(s)-float64(l.problem.Dim)*a.mean*b.mean)
	return max(0, 1+rest/a.square), rest
}

// Fold implements [pair.Loss].
func (l *SNRContrastive) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if l.rows[r.Anchor].square < noSignal {
		return
	}
	for _, p := range r.Pos {
		a.allPos += float64(p.Multiplicity)
		if d, rest := l.noise(r, p.Col, p.Sim); d-l.PosMargin > rounding {
			multiplicity := float64(p.Multiplicity)
			a.pos += multiplicity * (d - l.PosMargin)
			a.activePos += multiplicity
			a.nPos++
			l.slopes(&a.posSums, r, p.Col, rest, multiplicity, 0)
		}
	}
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		a.allNeg += r.Multiplicity(c)
		l.negative(a, r, c, s)
	}
}

// negative takes one negative into a and reports whether it has a weight.
func (l *SNRContrastive) negative(a *snrAnchor, r *pair.Row, c int, s float32) (isActive bool) {
	d, rest := l.noise(r, c, s)
	if l.NegMargin-d <= rounding {
		return false
	}
	multiplicity := r.Multiplicity(c)
	a.neg += multiplicity * (l.NegMargin - d)
	a.activeNeg += multiplicity
	a.nNeg++
	l.slopes(&a.negSums, r, c, rest, -multiplicity, 1)
	return true
}

// IsFast implements [pair.Fast].
func (l *SNRContrastive) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *SNRContrastive) BeginParts(parts int) {
	l.parts = room.Zeroed(l.parts, parts*len(l.anchors))
}

// WeighPart implements [pair.Fast]: it stores 1/Σ(a-mean)².
func (l *SNRContrastive) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a, square := &l.parts[part*len(l.anchors)+r.Anchor], l.rows[r.Anchor].square
	if square < noSignal {
		return 0, 1
	}
	if l.Reduction == OverPairs {
		a.allNeg += negatives(r)
	}
	for _, place := range r.Places[:kernel.FindAbove(r.Places, r.Neg, l.leastNegative(r.Anchor))] {
		if c := int(place); l.negative(a, r, c, r.Neg[c]) {
			w[c] = float32(1 / square)
			stored++
		}
	}
	return stored, 1
}

// leastNegative is a similarity at or under which no negative of the anchor is active,
// whatever the column: d < NegMargin says that twice the similarity is above U of the
// column, less (NegMargin-1) times that of the anchor, plus twice the means' product.
func (l *SNRContrastive) leastNegative(anchor int) float32 {
	const slack = 1e-5
	a := l.rows[anchor]
	least := (l.leastSquare-(l.NegMargin-1)*a.square)/2 - float64(l.problem.Dim)*math.Abs(a.mean)*l.mostMean
	return float32(max(pair.NoPair, least-slack))
}

// Bound implements [pair.Bounded].
func (l *SNRContrastive) Bound(_, _, anchor int) float32 {
	switch {
	case l.rows[anchor].square < noSignal:
		return float32(math.Inf(1))
	case l.Reduction == OverPairs:
		return pair.NoPair // all are counted
	}
	return l.leastNegative(anchor)
}

// EndParts implements [pair.Fast].
func (l *SNRContrastive) EndParts() {
	n := len(l.anchors)
	for k, q := range l.parts {
		a := &l.anchors[k%n]
		a.neg += q.neg
		a.activeNeg += q.activeNeg
		a.nNeg += q.nNeg
		a.allNeg += q.allNeg
		a.negSums.along += q.negSums.along
		a.negSums.flat += q.negSums.flat
	}
}

// Factor implements [pair.Fast].
func (l *SNRContrastive) Factor(int, int) float64 { return 2 * l.negScale }

// slopes adds g times what ∂d is to the rows themselves, not through s: kind is
// 0 for the positives, 1 for the negatives.
func (l *SNRContrastive) slopes(sums *snrSums, r *pair.Row, c int, rest, g float64, kind int) {
	a, b := l.rows[r.Anchor], l.columns[r.Column(c)]
	g *= l.problem.Factor(r.Column(c), kind == 0)
	sums.along -= 2 * g * rest / (a.square * a.square)
	sums.flat += 2 * g * b.mean / a.square
	if l.problem.Symmetric {
		column := &l.blocks[r.Anchor/engine.AnchorBlock][2*r.Column(c)+kind]
		column.along += 2 * g / a.square
		column.flat += 2 * g * a.mean / a.square
	}
}

// EndPass implements [pair.Loss].
func (l *SNRContrastive) EndPass(int) {
	l.summary = pair.Summary{}
	var pos, neg, activePos, activeNeg, allPos, allNeg float64
	for i := range l.anchors {
		a := &l.anchors[i]
		pos += a.pos
		neg += a.neg
		activePos += a.activePos
		activeNeg += a.activeNeg
		allPos += a.allPos
		allNeg += a.allNeg
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	reduce := l.Reduction.or(OverActive)
	l.posScale = reduce.scale(activePos, allPos, len(l.anchors))
	l.negScale = reduce.scale(activeNeg, allNeg, len(l.anchors))
	l.summary.Value = pos*l.posScale + neg*l.negScale
}

// Finish implements [pair.Finisher]: it adds what does not go through s.
func (l *SNRContrastive) Finish(f *pair.Finish) {
	p := f.Problem
	for i := range l.anchors {
		a := &l.anchors[i]
		l.addRow(f.Anchors, p.Anchors, i, l.rows[i].mean, a.posSums, a.negSums)
	}
	for _, b := range l.blocks {
		for j := range l.anchors {
			l.addRow(f.Columns, p.Columns, j, l.columns[j].mean, b[2*j], b[2*j+1])
		}
	}
}

// addRow adds the gradient of row i, centred: along·(row-mean) + flat.
func (l *SNRContrastive) addRow(dst []float32, side pair.Side, i int, mean float64, pos, neg snrSums) {
	along := l.posScale*pos.along + l.negScale*neg.along
	flat := l.posScale*pos.flat + l.negScale*neg.flat - along*mean
	dim := l.problem.Dim
	for k, x := range side.Rows[i*dim : (i+1)*dim] {
		dst[i*dim+k] += float32(along*float64(x) + flat)
	}
}

// Summary implements [pair.Loss].
func (l *SNRContrastive) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss]: what goes through s, ∂d/∂s = -2/Σ(a-mean)².
func (l *SNRContrastive) Weigh(w []float32, r *pair.Row) {
	square := l.rows[r.Anchor].square
	if square < noSignal {
		return
	}
	for _, p := range r.Pos {
		if d, _ := l.noise(r, p.Col, p.Sim); d-l.PosMargin > rounding {
			w[p.Col] = float32(-2 * l.posScale * float64(p.Multiplicity) / square)
		}
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			if d, _ := l.noise(r, c, s); l.NegMargin-d > rounding {
				w[c] = float32(2 * l.negScale * r.Multiplicity(c) / square)
			}
		}
	}
}
