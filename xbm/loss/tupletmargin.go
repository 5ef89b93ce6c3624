package loss

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// TupletMargin is each positive pair against all of its anchor's negatives, the
// positive's angle eased by a margin.
//
//	Baosheng Yu, Dacheng Tao. Deep Metric Learning With Tuplet Margin Loss.
//	ICCV 2019.
//
// With the angle θ of a positive pair, its loss is
// log(1 + Σ exp(Scale·(s - cos(θ-Margin)))) over the similarities s of the
// anchor's negatives; the value is the mean over all positive pairs.
//
// Use [NewTupletMargin] for the parameters that are usual.
type TupletMargin struct {
	Margin    float64   // degrees, from 0 to 90
	Scale     float64   // above 0
	Reduction Reduction // usual: OverPairs, the positive ones

	entropy
}

// NewTupletMargin returns the loss with a Margin of 5.73 degrees and Scale 64.
func NewTupletMargin() *TupletMargin { return &TupletMargin{Margin: 5.73, Scale: 64} }

// Validate returns an error that names the first parameter out of its range.
func (l *TupletMargin) Validate() error { return spec.Check(kind, "tuplet-margin", l.fields()) }

func (l *TupletMargin) fields() []spec.Field {
	return []spec.Field{{Key: "margin_degrees", At: &l.Margin, Range: spec.From(0, 90)}, {Key: "scale", At: &l.Scale, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

// Begin implements [pair.Loss].
func (l *TupletMargin) Begin(p *pair.Problem) { l.begin(p, l.Scale, l.Reduction) }

// Passes implements [pair.Loss].
func (l *TupletMargin) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *TupletMargin) Fold(_ int, r *pair.Row) { l.fold(r, l.logit) }

// EndPass implements [pair.Loss].
func (l *TupletMargin) EndPass(int) { l.end() }

// Summary implements [pair.Loss].
func (l *TupletMargin) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *TupletMargin) Weigh(w []float32, r *pair.Row) { l.weigh(w, r, l.logit) }

// logit is Scale·cos(θ-Margin) and its slope Scale·sin(θ-Margin)/sin θ. Rows that
// point the same way, or opposite ones, have no direction to move in: slope 0.
func (l *TupletMargin) logit(r *pair.Row, p pair.Positive) (x, slope float64) {
	square := r.Problem.SquaredDistance(r.Anchor, r.Column(p.Col), p.Sim)
	cos := 1 - square/2
	sin := math.Sqrt(math.Max(0, square*(1-square/4)))
	sinM, cosM := math.Sincos(l.Margin * math.Pi / 180)
	x = l.Scale * (cos*cosM + sin*sinM)
	if sin > 0 {
		slope = l.Scale * (sin*cosM - cos*sinM) / sin
	}
	return x, slope
}

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
