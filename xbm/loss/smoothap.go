package loss

import (
	"math"
	"sort"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// SmoothAP is one minus each anchor's average precision, its ranks smoothed by
// sigmoids.
//
//	Andrew Brown, Weidi Xie, Vicky Kalogeiton, Andrew Zisserman. Smooth-AP:
//	Smoothing the Path Towards Large-Scale Image Retrieval. ECCV 2020.
//	https://arxiv.org/abs/2007.12163 (equation 6)
//
// With σ(x) = 1/(1+e^(-x/Temperature)), a positive's smooth rank among a set is
// 1+Σ σ(s-s') over the similarities s of the set's other pairs, s' being its own.
// An anchor's average precision is the mean over its positives of the rank among
// the positives over the rank among all pairs; the value is the mean over the
// anchors that have positives. Unlike in the authors' code, the anchor is not a
// positive of its own.
//
// σ is taken as 0 or 1 where it is within 2e-9 of it, so that a negative looks
// only at the positives near it. The positives of an anchor are kept, 48 bytes
// each.
type SmoothAP struct {
	Temperature float64   // the paper's τ, above 0; usual: 0.01
	Reduction   Reduction // usual: OverPairs, the anchors that have positives

	anchors []smoothAPAnchor
	parts   []smoothAPPart // by part of the columns
	summary pair.Summary
	scale   float64 // 1 over the anchors with positives

	isRanked bool // the positives
}

type smoothAPAnchor struct {
	pos    apart.Ranking
	among  []float64 // rank among the positives
	passed []float64 // Σ σ over the negatives near by; at the end, what a step of σ costs
	steps  []int32   // by rank, the negatives above it and all ranks after
	slope  []float64 // Σ σ' over the negatives
	weight []float64 // ∂L/∂s
	nNeg   int

	isCounted bool          // nNeg
	groups    []smoothGroup // of ranks
}

// saturated is how many temperatures apart σ is 0 or 1.
const saturated = 20

// Validate returns an error that names the first parameter out of its range.
func (l *SmoothAP) Validate() error { return spec.Check(kind, "smooth-ap", l.fields()) }

func (l *SmoothAP) fields() []spec.Field {
	return []spec.Field{{Key: "temperature", At: &l.Temperature, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

// Begin implements [pair.Loss].
func (l *SmoothAP) Begin(p *pair.Problem) {
	l.isRanked = false
	l.anchors = room.Sized(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].nNeg, l.anchors[i].groups = l.anchors[i].pos[:0], 0, l.anchors[i].groups[:0]
	}
}

// Passes implements [pair.Loss]: one for the positives, one for the negatives.
func (l *SmoothAP) Passes() int { return 2 }

// Fold implements [pair.Loss].
func (l *SmoothAP) Fold(pass int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if pass == 0 {
		a.pos.Add(r)
		return
	}
	a.nNeg += kernel.CountAbove(r.Neg, pair.NoPair)
	least := l.least(a)
	for _, s := range r.Neg {
		if s <= least {
			continue
		}
		lo, hi := l.near(a, s)
		a.steps[hi]++ // above all the positives from there on
		for j := lo; j < hi; j++ {
			v, slope := l.step(s, a.pos[j].Sim)
			a.passed[j] += v
			a.slope[j] += slope
		}
	}
}

// least is a similarity at or under which σ is 0 for every positive: once a network has
// learnt something, nearly all negatives end here.
func (l *SmoothAP) least(a *smoothAPAnchor) float32 {
	if len(a.pos) == 0 {
		return float32(math.Inf(1))
	}
	last, reach := a.pos[len(a.pos)-1].Sim, float32(saturated*l.Temperature)
	least := last - reach
	for range 4 {
		if least+reach < last { // as near rounds
			return max(pair.NoPair, least)
		}
		least = math.Nextafter32(least, float32(math.Inf(-1)))
	}
	return pair.NoPair
}

// near is the range of ranks within which σ is neither 0 nor 1.
func (l *SmoothAP) near(a *smoothAPAnchor, s float32) (lo, hi int) {
	reach := float32(saturated * l.Temperature)
	lo = sort.Search(len(a.pos), func(j int) bool { return a.pos[j].Sim <= s+reach })
	hi = lo + sort.Search(len(a.pos)-lo, func(j int) bool { return a.pos[lo+j].Sim < s-reach })
	return lo, hi
}

// step is σ of how much s is above the other, and its slope.
func (l *SmoothAP) step(s, other float32) (v, slope float64) {
	v = sigmoid((float64(s) - float64(other)) / l.Temperature)
	return v, v * (1 - v) / l.Temperature
}

// EndPass implements [pair.Loss].
func (l *SmoothAP) EndPass(pass int) {
	if pass == 0 {
		l.isRanked = true
		for i := range l.anchors {
			l.ready(&l.anchors[i])
		}
		return
	}
	l.summary, l.scale = pair.Summary{}, 0
	count := 0.0
	for i := range l.anchors {
		if len(l.anchors[i].pos) > 0 {
			count++
		}
	}
	if count == 0 {
		return
	}
	reduce := l.Reduction.or(OverPairs)
	l.scale = reduce.scale(1, count, len(l.anchors))
	active := 0.0
	for i := range l.anchors {
		if a := &l.anchors[i]; len(a.pos) > 0 {
			loss := 1 - l.precision(a)
			if loss > rounding {
				active++
			}
			l.summary.Value += l.scale * loss
			l.summary.ActivePositives += len(a.pos)
			l.summary.ActiveNegatives += a.nNeg
		}
	}
	if reduce == OverActive && active > 0 {
		l.summary.Value /= active
		for i := range l.anchors {
			divide(l.anchors[i].weight, active)
			divide(l.anchors[i].passed, active)
		}
	}
}

// ready takes the ranks among the positives.
func (l *SmoothAP) ready(a *smoothAPAnchor) {
	a.pos.Sort()
	l.group(a)
	n := len(a.pos)
	a.among, a.passed, a.slope, a.weight = room.Zeroed(a.among, n), room.Zeroed(a.passed, n), room.Zeroed(a.slope, n), room.Zeroed(a.weight, n)
	a.steps = room.Zeroed(a.steps, n+1)
	for j := range a.pos {
		lo, hi := l.near(a, a.pos[j].Sim)
		a.among[j] = 1 + float64(lo)
		for k := lo; k < hi; k++ {
			if k != j {
				v, _ := l.step(a.pos[k].Sim, a.pos[j].Sim)
				a.among[j] += v
			}
		}
	}
}

// precision is the anchor's average precision; it leaves the positives' weights,
// and in passed what a step of σ costs at each.
func (l *SmoothAP) precision(a *smoothAPAnchor) (ap float64) {
	n := float64(len(a.pos))
	far := int32(0)
	for j := range a.pos {
		far += a.steps[j]
		rank := a.among[j] + a.passed[j] + float64(far)
		ap += a.among[j] / rank / n
		// A negative's step adds to rank, a positive's to among as well.
		cost := l.scale * a.among[j] / (rank * rank) / n
		gain := l.scale/rank/n - cost
		a.weight[j] -= cost * a.slope[j]
		a.passed[j] = cost
		lo, hi := l.near(a, a.pos[j].Sim)
		for k := lo; k < hi; k++ {
			if k != j {
				_, slope := l.step(a.pos[k].Sim, a.pos[j].Sim)
				a.weight[k] -= gain * slope
				a.weight[j] += gain * slope
			}
		}
	}
	return ap
}

// Summary implements [pair.Loss].
func (l *SmoothAP) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *SmoothAP) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if len(a.pos) == 0 {
		return
	}
	for _, p := range r.Pos {
		w[p.Col] = float32(a.weight[a.pos.Rank(r, p)])
	}
	least := l.least(a)
	for c, s := range r.Neg {
		if s <= least {
			continue
		}
		var push float64
		lo, hi := l.near(a, s)
		for j := lo; j < hi; j++ {
			_, slope := l.step(s, a.pos[j].Sim)
			push += a.passed[j] * slope
		}
		w[c] = float32(push)
	}
}
