package loss

import (
	"math"

	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// GeneralizedLifted sets each anchor's farthest positives, softly, against its
// nearest negatives, by Euclidean distance of unit rows.
//
//	Alexander Hermans, Lucas Beyer, Bastian Leibe. In Defense of the Triplet
//	Loss for Person Re-Identification. 2017. https://arxiv.org/abs/1703.07737
//	(section 2, "lifted embedding loss", its generalisation)
//
// An anchor's loss is [log Σ exp(d - PosMargin) over its positives
// + log Σ exp(NegMargin - d) over its negatives]₊, positives or negatives that there are
// none of adding 0; the value is the mean over all anchors.
type GeneralizedLifted struct {
	PosMargin float64   // from 0 to 2; usual: 0
	NegMargin float64   // from 0 to 2; usual: 1
	Reduction Reduction // usual: OverAnchors

	anchors []liftedAnchor
	summary pair.Summary
	divisor float64

	distanceSums
}

type liftedAnchor struct {
	pos, neg   logsum.Sum
	nPos, nNeg int
}

// loss is the anchor's.
func (a *liftedAnchor) loss() (loss float64) {
	if a.nPos > 0 {
		loss += a.pos.Value()
	}
	if a.nNeg > 0 {
		loss += a.neg.Value()
	}
	return max(0, loss)
}

// Validate returns an error that names the first parameter out of its range.
func (l *GeneralizedLifted) Validate() error {
	return spec.Check(kind, "generalized-lifted", l.fields())
}

func (l *GeneralizedLifted) fields() []spec.Field {
	return []spec.Field{{Key: "pos_margin", At: &l.PosMargin, Range: spec.From(0, 2)}, {Key: "neg_margin", At: &l.NegMargin, Range: spec.From(0, 2)}, reductionField(&l.Reduction, OverAnchors)}
}

// Traits implements [pair.Described].
func (l *GeneralizedLifted) Traits() pair.Traits { return pair.Traits{Euclidean: true} }

// Begin implements [pair.Loss].
func (l *GeneralizedLifted) Begin(p *pair.Problem) {
	l.begin(len(p.Anchors.Labels))
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].neg = logsum.Empty(), logsum.Empty()
	}
}

// Passes implements [pair.Loss].
func (l *GeneralizedLifted) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *GeneralizedLifted) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.Add(r.Distance(p.Col, p.Sim) - l.PosMargin)
	}
	a.nPos += len(r.Pos)
	for c, s := range r.Neg {
		if s > pair.NoPair {
			a.neg.Add(l.NegMargin - r.Distance(c, s))
			a.nNeg++
		}
	}
}

// EndParts implements [pair.Fast].
func (l *GeneralizedLifted) EndParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.join(&l.anchors[i].neg, i, l.NegMargin)
	}
}

// Factor implements [pair.Fast].
func (l *GeneralizedLifted) Factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.loss() == 0 {
		return 0
	}
	return l.share(part, anchor, l.NegMargin, a.neg.Value()) / l.divisor
}

// EndPass implements [pair.Loss].
func (l *GeneralizedLifted) EndPass(int) {
	l.summary = pair.Summary{}
	active := 0.0
	for i := range l.anchors {
		if loss := l.anchors[i].loss(); loss > 0 {
			active++
			l.summary.Value += loss
			l.summary.ActivePositives += l.anchors[i].nPos
			l.summary.ActiveNegatives += l.anchors[i].nNeg
		}
	}
	l.divisor = max(1, l.Reduction.or(OverAnchors).divisor(active, float64(len(l.anchors)), len(l.anchors)))
	l.summary.Value /= l.divisor
}

// Summary implements [pair.Loss].
func (l *GeneralizedLifted) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss]. ∂d/∂s = -1/d; at d = 0 there is no direction.
func (l *GeneralizedLifted) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if a.loss() == 0 {
		return
	}
	mean := 1 / l.divisor
	sum := a.pos.Value()
	for _, p := range r.Pos {
		if d := r.Distance(p.Col, p.Sim); d > 0 {
			w[p.Col] = float32(-mean * math.Exp(d-l.PosMargin-sum) / d)
		}
	}
	sum = a.neg.Value()
	for c, s := range r.Neg {
		if s > pair.NoPair {
			if d := r.Distance(c, s); d > 0 {
				w[c] = float32(mean * math.Exp(l.NegMargin-d-sum) / d)
			}
		}
	}
}
