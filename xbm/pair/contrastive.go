package pair

import "crossbatch/xbm/kernel"

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
// of the negative ones, so it does not grow with the number of columns. Unlike
// Hadsell et al. (equation 4), the terms are not squared. Terms up to 1e-6 are zero:
// equal rows are to count as such, whatever the rounding of their similarity.
//
// Use [NewContrastive] for the margins that are usual.
type Contrastive struct {
	Euclidean bool
	PosMargin float64
	NegMargin float64

	anchors  []contrastiveAnchor
	parts    []contrastiveAnchor // by part of the columns
	summary  Summary
	posScale float64 // weight of one active positive term
	negScale float64
}

// contrastiveAnchor is what one anchor's active terms add up to.
type contrastiveAnchor struct {
	pos, neg           float64
	timesPos, timesNeg float64
	nPos, nNeg         int
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
func (l *Contrastive) Validate() error {
	lo, hi := similarityRange(l.Euclidean)
	for _, f := range []parameter{{"pos_margin", l.PosMargin}, {"neg_margin", l.NegMargin}} {
		if err := f.within("contrastive", lo, hi); err != nil {
			return err
		}
	}
	return nil
}

func (l *Contrastive) euclidean() bool { return l.Euclidean }

// Begin implements [Loss].
func (l *Contrastive) Begin(p *Problem) {
	l.anchors = zeroed(l.anchors, len(p.Anchors.Labels))
}

// Passes implements [Loss]: one, to count the active terms.
func (l *Contrastive) Passes() int { return 1 }

// Fold implements [Loss].
func (l *Contrastive) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		if term := l.positive(r, p); term > rounding {
			a.pos += float64(p.Times) * term
			a.timesPos += float64(p.Times)
			a.nPos++
		}
	}
	least := l.leastNegative()
	for c, s := range r.Neg {
		if s > least {
			if term := l.negative(r, c, s); term > rounding {
				times := r.Times(c)
				a.neg += times * term
				a.timesNeg += times
				a.nNeg++
			}
		}
	}
}

func (l *Contrastive) ahead() bool { return true }

func (l *Contrastive) beginParts(parts int) { l.parts = zeroed(l.parts, parts*len(l.anchors)) }

func (l *Contrastive) weighAhead(part int, r *Row, w []float32) (stored int, keep float32) {
	a := &l.parts[part*len(l.anchors)+r.Anchor]
	found := kernel.FindAbove(r.places, r.Neg, l.leastNegative())
	for _, place := range r.places[:found] {
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

func (l *Contrastive) endParts() {
	n := len(l.anchors)
	for k, q := range l.parts {
		a := &l.anchors[k%n]
		a.neg += q.neg
		a.timesNeg += float64(q.nNeg)
		a.nNeg += q.nNeg
	}
}

func (l *Contrastive) factor(int, int) float64 { return l.negScale }

// EndPass implements [Loss].
func (l *Contrastive) EndPass(int) {
	var pos, neg, timesPos, timesNeg float64
	l.summary = Summary{}
	for _, a := range l.anchors {
		pos += a.pos
		neg += a.neg
		timesPos += a.timesPos
		timesNeg += a.timesNeg
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	l.posScale, l.negScale = 0, 0
	if timesPos > 0 {
		l.posScale = 1 / timesPos
	}
	if timesNeg > 0 {
		l.negScale = 1 / timesNeg
	}
	l.summary.Value = pos*l.posScale + neg*l.negScale
}

// Summary implements [Loss].
func (l *Contrastive) Summary() Summary { return l.summary }

// Weigh implements [Loss]. By distance, ∂d/∂s = -1/d, and 0 at d = 0, where
// there is no direction to move in.
func (l *Contrastive) Weigh(w []float32, r *Row) {
	for _, p := range r.Pos {
		if l.positive(r, p) > rounding {
			w[p.Col] = float32(-l.posScale * float64(p.Times) * l.slope(r, p.Col, p.Sim))
		}
	}
	least := l.leastNegative()
	for c, s := range r.Neg {
		if s > least && l.negative(r, c, s) > rounding {
			w[c] = float32(l.negScale * r.Times(c) * l.slope(r, c, s))
		}
	}
}

func (l *Contrastive) positive(r *Row, p Positive) float64 {
	if l.Euclidean {
		return r.distance(p.Col, p.Sim) - l.PosMargin
	}
	return l.PosMargin - float64(p.Sim)
}

func (l *Contrastive) negative(r *Row, c int, s float32) float64 {
	if l.Euclidean {
		return l.NegMargin - r.distance(c, s)
	}
	return float64(s) - l.NegMargin
}

// slope is |∂ term/∂s| of an active term.
func (l *Contrastive) slope(r *Row, c int, s float32) float64 {
	if !l.Euclidean {
		return 1
	}
	if d := r.distance(c, s); d > 0 {
		return 1 / d
	}
	return 0
}

// leastNegative is a similarity at or under which no negative term is active:
// nearly all columns end here.
func (l *Contrastive) leastNegative() float32 {
	if l.Euclidean {
		return leastWithin(true, l.NegMargin)
	}
	return leastWithin(false, -l.NegMargin)
}
