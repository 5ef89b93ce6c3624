package pair

import "fmt"

// Margin is the margin-based loss: positives within Beta-Margin, negatives
// beyond Beta+Margin, by Euclidean distance of unit rows.
//
//	Chao-Yuan Wu, R. Manmatha, Alexander J. Smola, Philipp Krähenbühl.
//	Sampling Matters in Deep Embedding Learning. ICCV 2017.
//	https://arxiv.org/abs/1706.07567
//
// The value is the mean of the terms [d-Beta+Margin]₊ and [Beta-d+Margin]₊ that
// are not zero, over all triplets of an anchor, a positive and a negative: each
// positive pair stands in as many triplets as its anchor has negatives, and the
// other way about. Unlike in the paper, Beta is fixed and pairs are not sampled.
//
// Use [NewMargin] for the parameters that are usual.
type Margin struct {
	Margin float64 // from 0 to 2
	Beta   float64 // boundary between positives and negatives, from 0 to 2

	anchors []marginAnchor
	summary Summary
	scale   float64 // 1 over the active terms of all triplets
}

type marginAnchor struct {
	pos, neg             float64 // sums of the active terms
	activePos, activeNeg int
	nPos, nNeg           int
}

// NewMargin returns the loss with Margin 0.2 and Beta 1.2.
func NewMargin() *Margin { return &Margin{Margin: 0.2, Beta: 1.2} }

// Validate returns an error that names the first parameter out of its range.
func (l *Margin) Validate() error {
	if !(l.Margin >= 0 && l.Margin <= 2) {
		return fmt.Errorf("pair: margin: margin is %g: give a value from 0 to 2", l.Margin)
	}
	if !(l.Beta >= 0 && l.Beta <= 2) {
		return fmt.Errorf("pair: margin: beta is %g: give a value from 0 to 2", l.Beta)
	}
	return nil
}

// Begin implements [Loss].
func (l *Margin) Begin(p *Problem) { l.anchors = zeroed(l.anchors, len(p.Anchors.Labels)) }

// Passes implements [Loss].
func (l *Margin) Passes() int { return 1 }

// Fold implements [Loss].
func (l *Margin) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	a.nPos += len(r.Pos)
	for _, p := range r.Pos {
		if term := r.distance(p.Col, p.Sim) - l.Beta + l.Margin; term > 0 {
			a.pos += term
			a.activePos++
		}
	}
	for c, s := range r.Neg {
		if s > noPair {
			a.nNeg++
			if term := l.Beta - r.distance(c, s) + l.Margin; term > 0 {
				a.neg += term
				a.activeNeg++
			}
		}
	}
}

// EndPass implements [Loss].
func (l *Margin) EndPass(int) {
	l.summary, l.scale = Summary{}, 0
	active := 0.0
	for _, a := range l.anchors {
		nPos, nNeg := float64(a.nPos), float64(a.nNeg)
		l.summary.Value += nNeg*a.pos + nPos*a.neg
		active += nNeg*float64(a.activePos) + nPos*float64(a.activeNeg)
		if a.nPos > 0 && a.nNeg > 0 {
			l.summary.ActivePositives += a.activePos
			l.summary.ActiveNegatives += a.activeNeg
		}
	}
	if active > 0 {
		l.scale = 1 / active
		l.summary.Value *= l.scale
	}
}

// Summary implements [Loss].
func (l *Margin) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *Margin) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		if d := r.distance(p.Col, p.Sim); d > l.Beta-l.Margin && d > 0 {
			w[p.Col] = float32(-l.scale * float64(a.nNeg) / d)
		}
	}
	for c, s := range r.Neg {
		if s > noPair {
			if d := r.distance(c, s); d < l.Beta+l.Margin && d > 0 {
				w[c] = float32(l.scale * float64(a.nPos) / d)
			}
		}
	}
}
