package pair

import "fmt"

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
	M     float64 // the paper's m, from 0 to 1; usual: 0.4
	Gamma float64 // above 0; usual: 80

	anchors []circleAnchor
	summary Summary
	mean    float64
}

type circleAnchor struct {
	pos, neg   logSum
	nPos, nNeg int
}

// loss is the anchor's.
func (a *circleAnchor) loss() float64 {
	if a.nPos == 0 || a.nNeg == 0 {
		return 0
	}
	return softplus(a.pos.value() + a.neg.value())
}

// Validate returns an error that names the first parameter out of its range.
func (l *Circle) Validate() error {
	if !(l.M >= 0 && l.M <= 1) {
		return fmt.Errorf("pair: circle: m is %g: give a value from 0 to 1", l.M)
	}
	return above("circle", "gamma", l.Gamma, 0)
}

// Begin implements [Loss].
func (l *Circle) Begin(p *Problem) {
	l.anchors = zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].neg = emptyLogSum(), emptyLogSum()
	}
}

// Passes implements [Loss].
func (l *Circle) Passes() int { return 1 }

// Fold implements [Loss].
func (l *Circle) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		x, _ := l.positive(p.Sim)
		a.pos.add(x)
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > noPair {
			x, _ := l.negative(s)
			a.neg.add(x)
			a.nNeg++
		}
	}
}

// EndPass implements [Loss].
func (l *Circle) EndPass(int) {
	l.summary, l.mean = Summary{}, 0
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
	if count > 0 {
		l.mean = 1 / count
		l.summary.Value *= l.mean
	}
}

// Summary implements [Loss].
func (l *Circle) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *Circle) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return
	}
	pos, neg := a.pos.value(), a.neg.value()
	scale := l.mean * sigmoid(pos+neg)
	for _, p := range r.Pos {
		x, slope := l.positive(p.Sim)
		w[p.Col] = float32(scale * slope * share(x, pos))
	}
	for c, s := range r.Neg {
		if s > noPair {
			x, slope := l.negative(s)
			w[c] = float32(scale * slope * share(x, neg))
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
