package loss

import (
	"math"

	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
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
// all anchors, and positives or negatives that there are none of add 0. Unlike the
// paper, pairs are not mined first.
//
// Use [NewMultiSimilarity] for the parameters that are usual.
type MultiSimilarity struct {
	Alpha     float64   // sharpness of the positives, above 0
	Beta      float64   // sharpness of the negatives, above 0
	Base      float64   // the paper's λ, from -1 to 1
	Reduction Reduction // usual: OverAnchors

	anchors []multiSimilarityAnchor
	summary pair.Summary
	divisor float64

	partSums
}

type multiSimilarityAnchor struct {
	pos, neg   logsum.Sum
	nPos, nNeg int
}

// NewMultiSimilarity returns the loss with Alpha 2, Beta 50 and Base 0.5.
func NewMultiSimilarity() *MultiSimilarity {
	return &MultiSimilarity{Alpha: 2, Beta: 50, Base: 0.5}
}

// Validate returns an error that names the first parameter out of its range.
func (l *MultiSimilarity) Validate() error { return spec.Check(kind, "multi-similarity", l.fields()) }

func (l *MultiSimilarity) fields() []spec.Field {
	return []spec.Field{
		{Key: "alpha", At: &l.Alpha, Range: spec.Above(0)}, {Key: "beta", At: &l.Beta, Range: spec.Above(0)}, {Key: "base", At: &l.Base, Range: spec.From(-1, 1)},
		reductionField(&l.Reduction, OverAnchors),
	}
}

// Begin implements [pair.Loss].
func (l *MultiSimilarity) Begin(p *pair.Problem) {
	l.begin(len(p.Anchors.Labels), l.Beta)
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = multiSimilarityAnchor{pos: logsum.One(), neg: logsum.One()}
	}
}

// Passes implements [pair.Loss].
func (l *MultiSimilarity) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *MultiSimilarity) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.Add(l.positive(p.Sim))
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			a.neg.Add(l.negative(s))
			a.nNeg++
		}
	}
}

// EndParts implements [pair.Fast].
func (l *MultiSimilarity) EndParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.join(&l.anchors[i].neg, i, l.negative(0))
	}
}

// Factor implements [pair.Fast].
func (l *MultiSimilarity) Factor(part, anchor int) float64 {
	return l.share(part, anchor, l.negative(0), l.anchors[anchor].neg.Value()) / l.divisor
}

// EndPass implements [pair.Loss].
func (l *MultiSimilarity) EndPass(int) {
	l.summary = pair.Summary{}
	active := 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		loss := a.pos.Value()/l.Alpha + a.neg.Value()/l.Beta
		if loss > 0 {
			active++
		}
		l.summary.Value += loss
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	l.divisor = max(1, l.Reduction.or(OverAnchors).divisor(active, float64(len(l.anchors)), len(l.anchors)))
	l.summary.Value /= l.divisor
}

// Summary implements [pair.Loss]. Every pair has a weight, however small.
func (l *MultiSimilarity) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *MultiSimilarity) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	mean := 1 / l.divisor
	sum := a.pos.Value()
	for _, p := range r.Pos {
		w[p.Col] = float32(-mean * math.Exp(l.positive(p.Sim)-sum))
	}
	sum = a.neg.Value()
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(mean * math.Exp(l.negative(s)-sum))
		}
	}
}

func (l *MultiSimilarity) positive(s float32) float64 { return -l.Alpha * (float64(s) - l.Base) }

func (l *MultiSimilarity) negative(s float32) float64 { return l.Beta * (float64(s) - l.Base) }
