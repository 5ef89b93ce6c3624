package pair

import (
	"fmt"
	"math"
)

// MultiSimilarity weighs each pair by how it compares with the anchor's other
// pairs: softly, the hardest ones.
//
//	Xun Wang, Xintong Han, Weilin Huang, Dengke Dong, Matthew R. Scott.
//	Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.06627 (equation 15)
//
// An anchor's loss is 1/Alpha·log(1+Σ e^(-Alpha(s-Base))) over its positives plus
// 1/Beta·log(1+Σ e^(Beta(s-Base))) over its negatives; the value is the mean over
// all anchors, and a side without pairs adds 0. Unlike the paper, pairs are not
// mined first.
//
// Use [NewMultiSimilarity] for the parameters that are usual.
type MultiSimilarity struct {
	Alpha float64 // sharpness of the positives, above 0
	Beta  float64 // sharpness of the negatives, above 0
	Base  float64 // the paper's λ, from -1 to 1

	anchors []multiSimilarityAnchor
	parts   partSums
	summary Summary
}

type multiSimilarityAnchor struct {
	pos, neg   logSum
	nPos, nNeg int
}

// NewMultiSimilarity returns the loss with Alpha 2, Beta 50 and Base 0.5.
func NewMultiSimilarity() *MultiSimilarity {
	return &MultiSimilarity{Alpha: 2, Beta: 50, Base: 0.5}
}

// Validate returns an error that names the first parameter out of its range.
func (l *MultiSimilarity) Validate() error {
	if err := above("multi-similarity", "alpha", l.Alpha, 0); err != nil {
		return err
	}
	if err := above("multi-similarity", "beta", l.Beta, 0); err != nil {
		return err
	}
	if !(l.Base >= -1 && l.Base <= 1) {
		return fmt.Errorf("pair: multi-similarity: base is %g: give a value from -1 to 1", l.Base)
	}
	return nil
}

// above refuses a parameter that is not a finite number above least.
func above(loss, name string, value, least float64) error {
	if !(value > least) || math.IsInf(value, 0) {
		return fmt.Errorf("pair: %s: %s is %g: give a value above %g", loss, name, value, least)
	}
	return nil
}

// Begin implements [Loss].
func (l *MultiSimilarity) Begin(p *Problem) {
	l.anchors = zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = multiSimilarityAnchor{pos: oneLogSum(), neg: oneLogSum()}
	}
}

// Passes implements [Loss].
func (l *MultiSimilarity) Passes() int { return 1 }

// Fold implements [Loss].
func (l *MultiSimilarity) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.add(l.positive(p.Sim))
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > noPair {
			a.neg.add(l.negative(s))
			a.nNeg++
		}
	}
}

func (l *MultiSimilarity) ahead() bool { return true }

func (l *MultiSimilarity) beginParts(parts int) { l.parts.begin(parts, len(l.anchors), l.Beta) }

func (l *MultiSimilarity) weighAhead(part int, r *Row, w []float32) (int, float32) {
	return l.parts.add(part, r, w)
}

func (l *MultiSimilarity) endParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.parts.join(&l.anchors[i].neg, i, l.negative(0))
	}
}

func (l *MultiSimilarity) factor(part, anchor int) float64 {
	return l.parts.share(part, anchor, l.negative(0), l.anchors[anchor].neg.value()) / float64(len(l.anchors))
}

// EndPass implements [Loss].
func (l *MultiSimilarity) EndPass(int) {
	l.summary = Summary{}
	for i := range l.anchors {
		a := &l.anchors[i]
		l.summary.Value += a.pos.value()/l.Alpha + a.neg.value()/l.Beta
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	l.summary.Value /= float64(len(l.anchors))
}

// Summary implements [Loss]. Every pair has a weight, however small.
func (l *MultiSimilarity) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *MultiSimilarity) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	mean := 1 / float64(len(l.anchors))
	sum := a.pos.value()
	for _, p := range r.Pos {
		w[p.Col] = float32(-mean * math.Exp(l.positive(p.Sim)-sum))
	}
	sum = a.neg.value()
	for c, s := range r.Neg {
		if s > noPair {
			w[c] = float32(mean * math.Exp(l.negative(s)-sum))
		}
	}
}

func (l *MultiSimilarity) positive(s float32) float64 { return -l.Alpha * (float64(s) - l.Base) }

func (l *MultiSimilarity) negative(s float32) float64 { return l.Beta * (float64(s) - l.Base) }
