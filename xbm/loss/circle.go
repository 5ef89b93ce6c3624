package loss

import (
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Circle weighs every pair by how far it is from its optimum.
//
//	Yifan Sun, Changmao Cheng, Yuhan Zhang, Chi Zhang, Liang Zheng, Zhongdao
//	Wang, Yichen Wei. Circle Loss: A Unified Perspective of Pair Similarity
//	Optimization. CVPR 2020. https://arxiv.org/abs/2002.10857 (equations 6 and 8)
//
// An anchor's loss is log(1 + Σ exp(Gamma·αₙ(s-M)) · Σ exp(-Gamma·αₚ(s-1+M))) over
// its negatives n and positives p, with αₙ = [s+M]₊ and αₚ = [1+M-s]₊, which are
// taken as constants in the gradient. Anchors that lack either kind of pair have
// none; the value is the mean over the anchors whose loss is not zero.
type Circle struct {
	M         float64   // the paper's m, from 0 to 1; usual: 0.4
	Gamma     float64   // above 0; usual: 80
	Reduction Reduction // usual: OverActive

	anchors []circleAnchor
	summary pair.Summary
	mean    float64

	partSums
}

type circleAnchor struct {
	pos, neg   logsum.Sum
	nPos, nNeg int
}

// loss is the anchor's.
func (a *circleAnchor) loss() float64 {
	if a.nPos == 0 || a.nNeg == 0 {
		return 0
	}
	return softplus(a.pos.Value() + a.neg.Value())
}

// Validate returns an error that names the first parameter out of its range.
func (l *Circle) Validate() error { return spec.Check(kind, "circle", l.fields()) }

func (l *Circle) fields() []spec.Field {
	return []spec.Field{{Key: "m", At: &l.M, Range: spec.From(0, 1)}, {Key: "gamma", At: &l.Gamma, Range: spec.Above(0)}, reductionField(&l.Reduction, OverActive)}
}

// Begin implements [pair.Loss].
func (l *Circle) Begin(p *pair.Problem) {
	l.begin(len(p.Anchors.Labels), l.Gamma)
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].neg = logsum.Empty(), logsum.Empty()
	}
}

// Passes implements [pair.Loss].
func (l *Circle) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Circle) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		x, _ := l.positive(p.Sim)
		a.pos.Add(x)
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			x, _ := l.negative(s)
			a.neg.Add(x)
			a.nNeg++
		}
	}
}

// WeighPart implements [pair.Fast]: with [s+M]₊·(s-M) for s the sums are those of
// e^(sharpness·s).
func (l *Circle) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	m, alpha := float32(l.M), r.Scratch
	for c, s := range r.Neg {
		a := s + m
		switch {
		case a > 0:
			r.Neg[c] = a * (s - m)
		case s > pair.NoPair:
			a, r.Neg[c] = 0, 0
		default:
			a = 0
		}
		alpha[c] = a
	}
	stored, keep = l.partSums.WeighPart(part, r, w)
	if stored > 0 {
		kernel.Multiply(w, w, alpha)
	}
	return stored, keep
}

// EndParts implements [pair.Fast].
func (l *Circle) EndParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.join(&l.anchors[i].neg, i, 0)
	}
}

// Factor implements [pair.Fast].
func (l *Circle) Factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return 0
	}
	neg := a.neg.Value()
	return l.mean * l.Gamma * sigmoid(a.pos.Value()+neg) * l.share(part, anchor, 0, neg)
}

// EndPass implements [pair.Loss].
func (l *Circle) EndPass(int) {
	l.summary, l.mean = pair.Summary{}, 0
	count := 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		if loss := a.loss(); loss > 0 {
			count++
			l.summary.Value += loss
			l.summary.ActivePositives += a.nPos
			l.summary.ActiveNegatives += a.nNeg
		}
	}
	l.mean = l.Reduction.or(OverActive).scale(count, float64(len(l.anchors)), len(l.anchors))
	l.summary.Value *= l.mean
}

// Summary implements [pair.Loss].
func (l *Circle) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *Circle) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return
	}
	pos, neg := a.pos.Value(), a.neg.Value()
	scale := l.mean * sigmoid(pos+neg)
	for _, p := range r.Pos {
		x, slope := l.positive(p.Sim)
		w[p.Col] = float32(scale * slope * logsum.Share(x, pos))
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			x, slope := l.negative(s)
			w[c] = float32(scale * slope * logsum.Share(x, neg))
		}
	}
}

// positive is a positive's logit and its slope, α being a constant.
func (l *Circle) positive(s float32) (x, slope float64) {
	alpha := l.Gamma * max(0, 1+l.M-float64(s))
	return -alpha * (float64(s) - 1 + l.M), -alpha
}

func (l *Circle) negative(s float32) (x, slope float64) {
	alpha := l.Gamma * max(0, float64(s)+l.M)
	return alpha * (float64(s) - l.M), alpha
}

// Prepare implements [pair.Swept].
func (l *Circle) Prepare(s *pair.Sweep) bool {
	s.Weighting, s.Sharpness, s.Margin = pair.WeighCircle, l.Gamma, l.M
	return true
}
