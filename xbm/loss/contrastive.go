package loss

import (
	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Contrastive pulls positive pairs together until they are within a margin and
// pushes negative pairs apart until they are beyond one.
//
//	Raia Hadsell, Sumit Chopra, Yann LeCun. Dimensionality Reduction by
//	Learning an Invariant Mapping. CVPR 2006.
//	http://yann.lecun.com/exdb/publis/pdf/hadsell-chopra-lecun-06.pdf
//
// With cosine similarity s the terms are [PosMargin-s]₊ and [s-NegMargin]₊, the
// form that the cross-batch memory paper uses (arXiv 1912.06798); with
// Euclidean distance d between unit rows, [d-PosMargin]₊ and [NegMargin-d]₊.
// The value is the mean over the positive terms that are not zero plus the same
// of the negative ones, so it does not grow with the number of columns; in the
// cross-batch memory paper it is [OverAnchors]. Unlike Hadsell et al. (equation 4),
// the terms are not squared. Terms up to 1e-6 are zero: equal rows are to count as
// such, whatever the rounding of their similarity.
//
// Use [NewContrastive] for the margins that are usual.
type Contrastive struct {
	Euclidean bool
	PosMargin float64
	NegMargin float64
	Reduction Reduction // usual: OverActive

	anchors  []contrastiveAnchor
	parts    []contrastiveAnchor // by part of the columns
	summary  pair.Summary
	posScale float64 // weight of one active positive term
	negScale float64
}

// contrastiveAnchor is what one anchor's active terms add up to.
type contrastiveAnchor struct {
	pos, neg             float64
	activePos, activeNeg float64 // their multiplicities
	nPos, nNeg           int
	allPos, allNeg       float64 // terms, zero or not
}

// NewContrastive returns the loss with its usual margins: 1 and 0.5 by cosine,
// 0 and 1 by Euclidean distance.
func NewContrastive(euclidean bool) *Contrastive {
	if euclidean {
		return &Contrastive{Euclidean: true, PosMargin: 0, NegMargin: 1}
	}
	return &Contrastive{PosMargin: 1, NegMargin: 0.5}
}

// Validate returns an error that names the first parameter out of its range.
func (l *Contrastive) Validate() error { return spec.Check(kind, "contrastive", l.fields()) }

func (l *Contrastive) fields() []spec.Field {
	lo, hi := similarityRange(l.Euclidean)
	return []spec.Field{{Key: "pos_margin", At: &l.PosMargin, Range: spec.From(lo, hi)}, {Key: "neg_margin", At: &l.NegMargin, Range: spec.From(lo, hi)}, reductionField(&l.Reduction, OverActive)}
}

// Traits implements [pair.Described].
func (l *Contrastive) Traits() pair.Traits { return pair.Traits{Euclidean: l.Euclidean} }

// Begin implements [pair.Loss].
func (l *Contrastive) Begin(p *pair.Problem) {
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
}

// Passes implements [pair.Loss]: one, to count the active terms.
func (l *Contrastive) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Contrastive) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.allPos += float64(p.Multiplicity)
		if term := l.positive(r, p); term > rounding {
			a.pos += float64(p.Multiplicity) * term
			a.activePos += float64(p.Multiplicity)
			a.nPos++
		}
	}
	if l.Reduction == OverPairs {
		a.allNeg += negatives(r)
	}
	least := l.leastNegative()
	for c, s := range r.Neg {
		if s > least {
			if term := l.negative(r, c, s); term > rounding {
				multiplicity := r.Multiplicity(c)
				a.neg += multiplicity * term
				a.activeNeg += multiplicity
				a.nNeg++
			}
		}
	}
}

// IsFast implements [pair.Fast].
func (l *Contrastive) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *Contrastive) BeginParts(parts int) { l.parts = room.Zeroed(l.parts, parts*len(l.anchors)) }

// WeighPart implements [pair.Fast].
func (l *Contrastive) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a := &l.parts[part*len(l.anchors)+r.Anchor]
	if l.Reduction == OverPairs {
		a.allNeg += negatives(r)
	}
	found := kernel.FindAbove(r.Places, r.Neg, l.leastNegative())
	for _, place := range r.Places[:found] {
		c := int(place)
		s := r.Neg[c]
		if term := l.negative(r, c, s); term > rounding {
			a.neg += term
			a.nNeg++
			w[c] = float32(l.slope(r, c, s))
			stored++
		}
	}
	return stored, 1
}

// Bound implements [pair.Bounded].
func (l *Contrastive) Bound(int, int, int) float32 {
	if l.Reduction == OverPairs {
		return pair.NoPair // all are counted
	}
	return l.leastNegative()
}

// EndParts implements [pair.Fast].
func (l *Contrastive) EndParts() {
	n := len(l.anchors)
	for k, q := range l.parts {
		a := &l.anchors[k%n]
		a.neg += q.neg
		a.activeNeg += float64(q.nNeg)
		a.nNeg += q.nNeg
		a.allNeg += q.allNeg
	}
}

// Factor implements [pair.Fast].
func (l *Contrastive) Factor(int, int) float64 { return l.negScale }

// EndPass implements [pair.Loss].
func (l *Contrastive) EndPass(int) {
	var pos, neg, activePos, activeNeg, allPos, allNeg float64
	l.summary = pair.Summary{}
	for _, a := range l.anchors {
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

// Summary implements [pair.Loss].
func (l *Contrastive) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss]. By distance, ∂d/∂s = -1/d, and 0 at d = 0, where
// there is no direction to move in.
func (l *Contrastive) Weigh(w []float32, r *pair.Row) {
	for _, p := range r.Pos {
		if l.positive(r, p) > rounding {
			w[p.Col] = float32(-l.posScale * float64(p.Multiplicity) * l.slope(r, p.Col, p.Sim))
		}
	}
	least := l.leastNegative()
	for c, s := range r.Neg {
		if s > least && l.negative(r, c, s) > rounding {
			w[c] = float32(l.negScale * r.Multiplicity(c) * l.slope(r, c, s))
		}
	}
}

func (l *Contrastive) positive(r *pair.Row, p pair.Positive) float64 {
	if l.Euclidean {
		return r.Distance(p.Col, p.Sim) - l.PosMargin
	}
	return l.PosMargin - float64(p.Sim)
}

func (l *Contrastive) negative(r *pair.Row, c int, s float32) float64 {
	if l.Euclidean {
		return l.NegMargin - r.Distance(c, s)
	}
	return float64(s) - l.NegMargin
}

// slope is |∂ term/∂s| of an active term.
func (l *Contrastive) slope(r *pair.Row, c int, s float32) float64 {
	if !l.Euclidean {
		return 1
	}
	if d := r.Distance(c, s); d > 0 {
		return 1 / d
	}
	return 0
}

// leastNegative is a similarity at or under which no negative term is active:
// nearly all columns end here.
func (l *Contrastive) leastNegative() float32 {
	if l.Euclidean {
		return apart.LeastWithin(true, l.NegMargin)
	}
	return apart.LeastWithin(false, -l.NegMargin)
}

// Prepare implements [pair.Swept].
func (l *Contrastive) Prepare(s *pair.Sweep) bool {
	s.Weighting, s.Euclidean, s.Least = pair.WeighHinge, l.Euclidean, rounding
	s.Margin = l.NegMargin
	if !l.Euclidean {
		s.Margin = -l.NegMargin
	}
	return l.Reduction != OverPairs // which counts the others too
}

// JoinPart implements [pair.Swept].
func (l *Contrastive) JoinPart(part, anchor int, s pair.Sums) {
	l.parts[part*len(l.anchors)+anchor] = contrastiveAnchor{neg: float64(s.Sum), nNeg: int(s.Count)}
}
