package pair

import (
	"fmt"
	"math"
)

// GeneralizedLifted sets each anchor's farthest positives, softly, against its
// nearest negatives, by Euclidean distance of unit rows.
//
//	Alexander Hermans, Lucas Beyer, Bastian Leibe. In Defense of the Triplet
//	Loss for Person Re-Identification. 2017. https://arxiv.org/abs/1703.07737
//	(section 2, "lifted embedding loss", its generalisation)
//
// An anchor's loss is [log Σ exp(d - PosMargin) over its positives
// + log Σ exp(NegMargin - d) over its negatives]₊, a side without pairs adding 0;
// the value is the mean over all anchors.
type GeneralizedLifted struct {
	PosMargin float64 // from 0 to 2; usual: 0
	NegMargin float64 // from 0 to 2; usual: 1

	anchors []liftedAnchor
	parts   partSums
	summary Summary
}

type liftedAnchor struct {
	pos, neg   logSum
	nPos, nNeg int
}

// loss is the anchor's.
func (a *liftedAnchor) loss() (loss float64) {
	if a.nPos > 0 {
		loss += a.pos.value()
	}
	if a.nNeg > 0 {
		loss += a.neg.value()
	}
	return max(0, loss)
}

// Validate returns an error that names the first parameter out of its range.
func (l *GeneralizedLifted) Validate() error {
	if !(l.PosMargin >= 0 && l.PosMargin <= 2) {
		return fmt.Errorf("pair: generalized-lifted: pos_margin is %g: give a value from 0 to 2", l.PosMargin)
	}
	if !(l.NegMargin >= 0 && l.NegMargin <= 2) {
		return fmt.Errorf("pair: generalized-lifted: neg_margin is %g: give a value from 0 to 2", l.NegMargin)
	}
	return nil
}

// Begin implements [Loss].
func (l *GeneralizedLifted) Begin(p *Problem) {
	l.anchors = zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].neg = emptyLogSum(), emptyLogSum()
	}
}

// Passes implements [Loss].
func (l *GeneralizedLifted) Passes() int { return 1 }

// Fold implements [Loss].
func (l *GeneralizedLifted) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.add(r.distance(p.Col, p.Sim) - l.PosMargin)
	}
	a.nPos += len(r.Pos)
	for c, s := range r.Neg {
		if s > noPair {
			a.neg.add(l.NegMargin - r.distance(c, s))
			a.nNeg++
		}
	}
}

func (l *GeneralizedLifted) ahead() bool { return true }

func (l *GeneralizedLifted) beginParts(parts int) { l.parts.begin(parts, len(l.anchors), -1) }

func (l *GeneralizedLifted) weighAhead(part int, r *Row, w []float32) (int, float32) {
	return l.parts.addDistances(part, r, w, true)
}

func (l *GeneralizedLifted) endParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.parts.join(&l.anchors[i].neg, i, l.NegMargin)
	}
}

func (l *GeneralizedLifted) factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.loss() == 0 {
		return 0
	}
	return l.parts.share(part, anchor, l.NegMargin, a.neg.value()) / float64(len(l.anchors))
}

// EndPass implements [Loss].
func (l *GeneralizedLifted) EndPass(int) {
	l.summary = Summary{}
	for i := range l.anchors {
		if loss := l.anchors[i].loss(); loss > 0 {
			l.summary.Value += loss
			l.summary.ActivePositives += l.anchors[i].nPos
			l.summary.ActiveNegatives += l.anchors[i].nNeg
		}
	}
	l.summary.Value /= float64(len(l.anchors))
}

// Summary implements [Loss].
func (l *GeneralizedLifted) Summary() Summary { return l.summary }

// Weigh implements [Loss]. ∂d/∂s = -1/d; at d = 0 there is no direction.
func (l *GeneralizedLifted) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	if a.loss() == 0 {
		return
	}
	mean := 1 / float64(len(l.anchors))
	sum := a.pos.value()
	for _, p := range r.Pos {
		if d := r.distance(p.Col, p.Sim); d > 0 {
			w[p.Col] = float32(-mean * math.Exp(d-l.PosMargin-sum) / d)
		}
	}
	sum = a.neg.value()
	for c, s := range r.Neg {
		if s > noPair {
			if d := r.distance(c, s); d > 0 {
				w[c] = float32(mean * math.Exp(l.NegMargin-d-sum) / d)
			}
		}
	}
}

func (l *GeneralizedLifted) euclidean() bool { return true }
