package loss

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// IntraPairVariance pulls the pairs that lag behind their mean towards it:
// positives less similar, and negatives more similar, than all of their kind.
//
//	Baosheng Yu, Dacheng Tao. Deep Metric Learning With Tuplet Margin Loss.
//	ICCV 2019.
//
// With the mean similarity of all positive pairs p and of all negative pairs n,
// the value is the mean over the positive pairs of [(1-PosEpsilon)p - s]₊² plus
// the mean over the negative ones of [s - (1+NegEpsilon)n]₊². The gradient goes
// through the means as well.
type IntraPairVariance struct {
	PosEpsilon float64   // from 0 to 1; usual: 0.01
	NegEpsilon float64   // from 0 to 1; usual: 0.01
	Reduction  Reduction // usual: OverPairs; the two means are always over all pairs

	anchors  []intraPairAnchor
	parts    []intraPairSums // by part of the columns; negatives only
	summary  pair.Summary
	pos, neg intraPairSide
}

// intraPairAnchor holds sums of the first pass, then of the second.
type intraPairAnchor struct{ pos, neg intraPairSums }

type intraPairSums struct {
	sim, pairs  float64
	lag, square float64
	active      int
	lagging     float64 // pairs that do
}

// intraPairSide is what the weights of the positives, or of the negatives, need.
type intraPairSide struct {
	bound float64 // mean similarity with its tolerance
	scale float64 // 2 over the number of pairs
	mean  float64 // what a pair's weight gets through the mean
}

// Validate returns an error that names the first parameter out of its range.
func (l *IntraPairVariance) Validate() error {
	return spec.Check(kind, "intra-pair-variance", l.fields())
}

func (l *IntraPairVariance) fields() []spec.Field {
	return []spec.Field{{Key: "pos_eps", At: &l.PosEpsilon, Range: spec.From(0, 1)}, {Key: "neg_eps", At: &l.NegEpsilon, Range: spec.From(0, 1)}, reductionField(&l.Reduction, OverPairs)}
}

// Begin implements [pair.Loss].
func (l *IntraPairVariance) Begin(p *pair.Problem) {
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	l.pos, l.neg = intraPairSide{}, intraPairSide{}
}

// Passes implements [pair.Loss]: one for the means, one for what lies beyond them.
func (l *IntraPairVariance) Passes() int { return 2 }

// Fold implements [pair.Loss].
func (l *IntraPairVariance) Fold(pass int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.fold(pass, float64(p.Sim), l.pos.bound-float64(p.Sim), float64(p.Multiplicity))
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			a.neg.fold(pass, float64(s), float64(s)-l.neg.bound, r.Multiplicity(c))
		}
	}
}

func (s *intraPairSums) fold(pass int, sim, lag, multiplicity float64) {
	if pass == 0 {
		s.sim += multiplicity * sim
		s.pairs += multiplicity
	} else if lag > 0 {
		s.lag += multiplicity * lag
		s.square += multiplicity * lag * lag
		s.lagging += multiplicity
		s.active++
	}
}

func (s *intraPairSums) add(t intraPairSums) {
	s.sim += t.sim
	s.lag += t.lag
	s.square += t.square
	s.pairs += t.pairs
	s.active += t.active
	s.lagging += t.lagging
}

// EndPass implements [pair.Loss].
func (l *IntraPairVariance) EndPass(pass int) {
	var pos, neg intraPairSums
	for i := range l.anchors {
		pos.add(l.anchors[i].pos)
		neg.add(l.anchors[i].neg)
	}
	if pass == 0 {
		l.pos.bound = (1 - l.PosEpsilon) * pos.sim / max(1, pos.pairs)
		l.neg.bound = (1 + l.NegEpsilon) * neg.sim / max(1, neg.pairs)
		return
	}
	l.summary = pair.Summary{ActivePositives: pos.active, ActiveNegatives: neg.active}
	l.summary.Value = l.finish(&l.pos, pos, 1-l.PosEpsilon) + l.finish(&l.neg, neg, 1+l.NegEpsilon)
}

// finish sets what Weigh needs and returns its part of the value.
func (l *IntraPairVariance) finish(s *intraPairSide, sums intraPairSums, tolerance float64) float64 {
	n := l.Reduction.or(OverPairs).divisor(sums.lagging, sums.pairs, len(l.anchors))
	if n == 0 || sums.pairs == 0 {
		return 0
	}
	s.scale = 2 / n
	s.mean = tolerance * sums.lag / sums.pairs
	return sums.square / n
}

// IsFast implements [pair.Fast].
func (l *IntraPairVariance) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *IntraPairVariance) BeginParts(parts int) {
	l.parts = room.Zeroed(l.parts, parts*len(l.anchors))
}

// FoldPart implements [pair.FoldedFast].
func (l *IntraPairVariance) FoldPart(part, pass int, r *pair.Row) {
	q, marks := &l.parts[part*len(l.anchors)+r.Anchor], r.Scratch
	clear(marks)
	if pass == 0 {
		count := kernel.MarkAbove(marks, r.Neg, pair.NoPair)
		kernel.Raise(r.Neg, pair.NoPair) // what is no pair must not make a product NaN
		q.pairs += float64(count)
		q.sim += float64(kernel.Dot(marks, r.Neg))
		return
	}
	count := l.lags(marks, r)
	q.active += count
	q.lagging += float64(count)
	q.lag += float64(kernel.Dot(marks, r.Neg))
	q.square += float64(kernel.SumSquares(r.Neg))
}

// lags makes of the negatives' similarities how far they are above the bound, or 0, and
// adds 1 to marks where they are. It returns their number.
func (l *IntraPairVariance) lags(marks []float32, r *pair.Row) (count int) {
	bound := float32(l.neg.bound)
	if float64(bound) > l.neg.bound {
		bound = math.Nextafter32(bound, float32(math.Inf(-1)))
	}
	count = kernel.MarkAbove(marks, r.Neg, bound)
	kernel.Raise(r.Neg, bound)
	for c := range r.Neg {
		r.Neg[c] -= bound
	}
	return count
}

// EndParts implements [pair.Fast].
func (l *IntraPairVariance) EndParts() {
	n := len(l.anchors)
	for k, q := range l.parts {
		l.anchors[k%n].neg.add(q)
	}
}

// WeighPart implements [pair.Fast].
func (l *IntraPairVariance) WeighPart(_ int, r *pair.Row, w []float32) (stored int, keep float32) {
	if stored = kernel.MarkAbove(w, r.Neg, pair.NoPair); stored == 0 {
		return 0, 1
	}
	l.lags(r.Scratch, r)
	mean := float32(l.neg.mean)
	for c := range r.Neg {
		r.Neg[c] -= mean
	}
	kernel.Multiply(w, w, r.Neg)
	return stored, 1
}

// Factor implements [pair.Fast].
func (l *IntraPairVariance) Factor(int, int) float64 { return l.neg.scale }

// Summary implements [pair.Loss].
func (l *IntraPairVariance) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *IntraPairVariance) Weigh(w []float32, r *pair.Row) {
	for _, p := range r.Pos {
		w[p.Col] = float32(l.pos.scale * float64(p.Multiplicity) * (l.pos.mean - max(0, l.pos.bound-float64(p.Sim))))
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(l.neg.scale * r.Multiplicity(c) * (max(0, float64(s)-l.neg.bound) - l.neg.mean))
		}
	}
}
