package miner

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// MultiSimilarity chooses the negatives that are nearer than the anchor's
// farthest positive, and the positives that are farther than its nearest
// negative, each with a tolerance.
//
//	Xun Wang, Xintong Han, Weilin Huang, Dengke Dong, Matthew R. Scott.
//	Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.06627 (equations 10 and 11)
//
// An anchor without positives, or without negatives, has nothing chosen.
type MultiSimilarity struct {
	Euclidean bool
	Epsilon   float64 // from 0 to 2; usual: 0.1

	problem *pair.Problem
	anchors []extremes
	parts   partExtremes
	limits  []miningLimits
}

// miningLimits are what an anchor's pairs are compared with.
type miningLimits struct {
	pos, neg float64 // how far the hardest pairs are apart
	bound    float32 // similarity that the negatives must be above
	pairs    bool    // there are pairs of both kinds
}

// Validate returns an error that names the first parameter out of its range.
func (m *MultiSimilarity) Validate() error { return spec.Check(kind, "multi-similarity", m.fields()) }

func (m *MultiSimilarity) fields() []spec.Field {
	return []spec.Field{{Key: "epsilon", At: &m.Epsilon, Range: spec.From(0, 2)}}
}

// Begin implements [pair.Miner].
func (m *MultiSimilarity) Begin(p *pair.Problem) {
	m.problem = p
	m.anchors = room.Sized(m.anchors, len(p.Anchors.Labels))
	for i := range m.anchors {
		m.anchors[i] = noExtremes()
	}
}

// Passes implements [pair.Miner].
func (m *MultiSimilarity) Passes() int { return 1 }

// Fold implements [pair.Miner].
func (m *MultiSimilarity) Fold(_ int, r *pair.Row) { m.anchors[r.Anchor].fold(r, false) }

// BeginParts implements [pair.FastMiner].
func (m *MultiSimilarity) BeginParts(parts int) { m.parts.begin(parts, len(m.anchors)) }

// FoldPart implements [pair.FastMiner].
func (m *MultiSimilarity) FoldPart(part, _ int, r *pair.Row) {
	m.parts.of(part, r.Anchor).fold(r, false)
}

// Bound implements [pair.Bounded].
func (m *MultiSimilarity) Bound(part, _, anchor int) float32 { return m.parts.bound(part, anchor) }

// SelectBound implements [pair.BoundedChoice].
func (m *MultiSimilarity) SelectBound(anchor int) float32 {
	if bound, ok := m.bound(anchor); ok {
		return bound
	}
	return pair.NoPair
}

// bound is the similarity above which Select takes the anchor's negatives. It returns
// false where the distance tells, and not the similarity.
func (m *MultiSimilarity) bound(anchor int) (bound float32, ok bool) {
	l := &m.limits[anchor]
	if !l.pairs {
		return float32(math.Inf(1)), true
	}
	return l.bound, !m.Euclidean || l.bound < pair.NearlyOne-0.01
}

// EndParts implements [pair.FastMiner].
func (m *MultiSimilarity) EndParts(int) { m.parts.join(m.anchors) }

// IsFew implements [pair.FastMiner].
func (m *MultiSimilarity) IsFew() bool { return false }

// Few implements [pair.FastMiner]: it is not called.
func (m *MultiSimilarity) Few(int, func(column int, sim float32)) {}

// EndPass implements [pair.Miner].
func (m *MultiSimilarity) EndPass(int) {
	m.limits = room.Sized(m.limits, len(m.anchors))
	for i := range m.anchors {
		a := &m.anchors[i]
		if a.posLow.col < 0 || a.negHigh.col < 0 {
			m.limits[i] = miningLimits{}
			continue
		}
		l := miningLimits{
			pos: a.posLow.apart(m.Euclidean, m.problem, i), neg: a.negHigh.apart(m.Euclidean, m.problem, i), pairs: true,
		}
		l.bound = apart.LastWithout(func(s float32) bool { return apart.BySim(m.Euclidean, s)-m.Epsilon < l.pos })
		m.limits[i] = l
	}
}

// Select implements [pair.Miner].
func (m *MultiSimilarity) Select(r *pair.Row) {
	l := &m.limits[r.Anchor]
	if !l.pairs {
		r.DropAll()
		return
	}
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if r.Apart(m.Euclidean, p.Col, p.Sim)+m.Epsilon > l.neg {
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	if bound, ok := m.bound(r.Anchor); ok {
		kernel.Cut(r.Neg, bound)
		return
	}
	for c, s := range r.Neg {
		if s > pair.NoPair && !(r.Apart(true, c, s)-m.Epsilon < l.pos) {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}

// PrepareMining implements [pair.SweptMiner].
func (m *MultiSimilarity) PrepareMining(_ int, s *pair.Sweep) bool {
	*s = pair.Sweep{}
	return true
}

// JoinNearest implements [pair.SweptMiner].
func (m *MultiSimilarity) JoinNearest(_, anchor, column int, sim float32) {
	m.anchors[anchor].negHigh = extreme{sim, column}
}

// Bounds implements [pair.SweptMiner].
func (m *MultiSimilarity) Bounds(s *pair.Sweep) bool {
	s.Above = room.Sized(s.Above, len(m.limits))
	for i := range s.Above {
		bound, ok := m.bound(i)
		if !ok {
			return false
		}
		s.Above[i] = bound
	}
	return true
}
