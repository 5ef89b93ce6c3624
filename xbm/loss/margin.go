package loss

import (
	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Margin is the margin-based loss: positives within Beta-Margin, negatives
// beyond Beta+Margin, by Euclidean distance of unit rows.
//
//	Chao-Yuan Wu, R. Manmatha, Alexander J. Smola, Philipp Krähenbühl.
//	Sampling Matters in Deep Embedding Learning. ICCV 2017.
//	https://arxiv.org/abs/1706.07567 (section 4)
//
// The value is the mean of the terms [d-Beta+Margin]₊ and [Beta-d+Margin]₊ that
// are not zero, over all triplets of an anchor, a positive and a negative: each
// positive pair stands in as many triplets as its anchor has negatives, and the
// other way about; by a miner of triplets, in those that it chose. OverPairs divides by
// the triplets, each of which has both terms. Unlike in the paper, Beta is one for all
// classes, and pairs are not sampled unless by a [DistanceWeightedMiner].
//
// Use [NewMargin] for the parameters that are usual.
type Margin struct {
	Margin float64 // from 0 to 2
	Beta   float64 // boundary between positives and negatives, from 0 to 2
	// LearnBeta makes Beta, as it is at the first step, a [pair.Param]; Nu·Beta is
	// then part of the value.
	LearnBeta bool
	Nu        float64   // from -10 to 10; usual: 0
	Reduction Reduction // usual: OverActive

	anchors []marginAnchor
	parts   []marginAnchor // by part of the columns; negatives only
	summary pair.Summary
	scale   float64 // 1 over the active terms of all triplets

	learned, gradient []float32
	beta              float64 // as it is at this step
	bound             float32 // similarity that active negatives are above
}

type marginAnchor struct {
	pos, neg             float64 // sums of the active terms
	activePos, activeNeg float64
	countPos, countNeg   int
	nPos, nNeg           int
	// A pair counts once for each of its triplets: each positive perPos times, besides
	// the multiplicity that a miner gives it.
	perPos, perNeg float64
	mined          bool
	chosen         float64 // triplets that a miner chose
}

// NewMargin returns the loss with Margin 0.2 and Beta 1.2.
func NewMargin() *Margin { return &Margin{Margin: 0.2, Beta: 1.2} }

// Validate returns an error that names the first parameter out of its range.
func (l *Margin) Validate() error { return spec.Check(kind, "margin", l.fields()) }

func (l *Margin) fields() []spec.Field {
	return []spec.Field{
		{Key: "margin", At: &l.Margin, Range: spec.From(0, 2)}, {Key: "beta", At: &l.Beta, Range: spec.From(0, 2)},
		{Key: "learn_beta", At: &l.LearnBeta}, {Key: "nu", At: &l.Nu, Range: spec.From(-10, 10)},
		reductionField(&l.Reduction, OverActive),
	}
}

// Traits implements [pair.Described].
func (l *Margin) Traits() pair.Traits { return pair.Traits{Euclidean: true} }

// Params implements [pair.Learner].
func (l *Margin) Params() []pair.Param {
	if !l.LearnBeta {
		return nil
	}
	if l.learned == nil {
		l.learned, l.gradient = []float32{float32(l.Beta)}, []float32{0}
	}
	return []pair.Param{{Name: "beta", Value: l.learned, Grad: l.gradient}}
}

// Begin implements [pair.Loss].
func (l *Margin) Begin(p *pair.Problem) {
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	l.beta = l.Beta
	for _, learned := range l.Params() {
		l.beta = float64(learned.Value[0])
	}
	l.bound = apart.LastWithout(func(s float32) bool { return l.beta-apart.BySim(true, s)+l.Margin > 0 })
}

// Passes implements [pair.Loss].
func (l *Margin) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Margin) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	a.mined = r.Partners != nil
	a.nPos += len(r.Pos)
	for _, p := range r.Pos {
		a.chosen += float64(p.Multiplicity)
		if term := r.Distance(p.Col, p.Sim) - l.beta + l.Margin; term > 0 {
			a.pos += float64(p.Multiplicity) * term
			a.activePos += float64(p.Multiplicity)
			a.countPos++
		}
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			a.nNeg++
			if term := l.beta - r.Distance(c, s) + l.Margin; term > 0 {
				a.neg += r.Multiplicity(c) * term
				a.activeNeg += r.Multiplicity(c)
				a.countNeg++
			}
		}
	}
}

// IsFast implements [pair.Fast].
func (l *Margin) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *Margin) BeginParts(parts int) { l.parts = room.Zeroed(l.parts, parts*len(l.anchors)) }

// WeighPart implements [pair.Fast].
func (l *Margin) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a := &l.parts[part*len(l.anchors)+r.Anchor]
	a.nNeg += kernel.CountAbove(r.Neg, pair.NoPair)
	// Distances of near pairs are taken from the rows, one by one.
	for _, c := range r.Places[:kernel.FindAbove(r.Places, r.Neg, apart.BelowNearlyOne)] {
		r.Pos = append(r.Pos, pair.Positive{Col: int(c), Sim: r.Neg[c]})
		r.Neg[c] = pair.NoPair
	}
	if stored = kernel.MarkAbove(w, r.Neg, l.bound); stored > 0 {
		kernel.Raise(r.Neg, pair.NoPair) // what is no pair must not make a product NaN
		d := r.Scratch
		kernel.Chord(d, r.Neg)
		a.neg += float64(stored)*(l.beta+l.Margin) - float64(kernel.Dot(w, d))
		kernel.Divide(w, w, d)
	}
	for _, p := range r.Pos {
		if d := r.Distance(p.Col, p.Sim); d < l.beta+l.Margin {
			a.neg += l.beta + l.Margin - d
			w[p.Col] = float32(-apart.Slope(true, d))
			stored++
		}
	}
	a.countNeg += stored
	return stored, 1
}

// EndParts implements [pair.Fast].
func (l *Margin) EndParts() {
	n := len(l.anchors)
	for k, q := range l.parts {
		a := &l.anchors[k%n]
		a.nNeg += q.nNeg
		a.neg += q.neg
		a.activeNeg += float64(q.countNeg)
		a.countNeg += q.countNeg
	}
}

// Factor implements [pair.Fast].
func (l *Margin) Factor(_, anchor int) float64 { return l.scale * l.anchors[anchor].perNeg }

// EndPass implements [pair.Loss].
func (l *Margin) EndPass(int) {
	l.summary = pair.Summary{}
	var active, slope, triplets float64
	for i := range l.anchors {
		a := &l.anchors[i]
		a.perPos, a.perNeg = 1, 1
		if !a.mined {
			a.perPos, a.perNeg = float64(a.nNeg), float64(a.nPos)
			triplets += a.perPos * a.perNeg
		} else {
			triplets += a.chosen
		}
		l.summary.Value += a.perPos*a.pos + a.perNeg*a.neg
		active += a.perPos*a.activePos + a.perNeg*a.activeNeg
		slope += a.perNeg*a.activeNeg - a.perPos*a.activePos
		if a.nPos > 0 && a.nNeg > 0 {
			l.summary.ActivePositives += a.countPos
			l.summary.ActiveNegatives += a.countNeg
		}
	}
	l.scale = l.Reduction.or(OverActive).scale(active, triplets, len(l.anchors))
	l.summary.Value *= l.scale
	for _, learned := range l.Params() {
		l.summary.Value += l.Nu * l.beta
		learned.Grad[0] = float32(l.scale*slope + l.Nu)
	}
}

// Summary implements [pair.Loss].
func (l *Margin) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *Margin) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		if d := r.Distance(p.Col, p.Sim); d > l.beta-l.Margin {
			w[p.Col] = float32(l.scale * a.perPos * float64(p.Multiplicity) * apart.Slope(true, d))
		}
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			if d := r.Distance(c, s); d < l.beta+l.Margin {
				w[c] = float32(-l.scale * a.perNeg * r.Multiplicity(c) * apart.Slope(true, d))
			}
		}
	}
}
