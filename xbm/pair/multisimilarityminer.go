package pair

import (
	"math"

	"crossbatch/xbm/kernel"
)

// MultiSimilarityMiner chooses the negatives that are nearer than the anchor's
// farthest positive, and the positives that are farther than its nearest
// negative, each with a tolerance.
//
//	Xun Wang, Xintong Han, Weilin Huang, Dengke Dong, Matthew R. Scott.
//	Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.06627 (equations 10 and 11)
//
// An anchor without positives, or without negatives, has nothing chosen.
type MultiSimilarityMiner struct {
	Euclidean bool
	Epsilon   float64 // from 0 to 2; usual: 0.1

	problem *Problem
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

// Validate returns an error if the tolerance is out of its range.
func (m *MultiSimilarityMiner) Validate() error {
	return parameter{"epsilon", m.Epsilon}.within("multi-similarity miner", 0, 2)
}

// Begin implements [Miner].
func (m *MultiSimilarityMiner) Begin(p *Problem) {
	m.problem = p
	m.anchors = sizedTo(m.anchors, len(p.Anchors.Labels))
	for i := range m.anchors {
		m.anchors[i] = noExtremes()
	}
}

// Passes implements [Miner].
func (m *MultiSimilarityMiner) Passes() int { return 1 }

// Fold implements [Miner].
func (m *MultiSimilarityMiner) Fold(_ int, r *Row) { m.anchors[r.Anchor].fold(r, false) }

func (m *MultiSimilarityMiner) beginParts(parts int) { m.parts.begin(parts, len(m.anchors)) }

func (m *MultiSimilarityMiner) foldPart(part, _ int, r *Row) {
	m.parts.of(part, r.Anchor).fold(r, false)
}

func (m *MultiSimilarityMiner) endParts(int) { m.parts.join(m.anchors) }

// EndPass implements [Miner].
func (m *MultiSimilarityMiner) EndPass(int) {
	m.limits = sizedTo(m.limits, len(m.anchors))
	for i := range m.anchors {
		a := &m.anchors[i]
		if a.posLow.col < 0 || a.negHigh.col < 0 {
			m.limits[i] = miningLimits{}
			continue
		}
		l := miningLimits{
			pos: a.posLow.apart(m.Euclidean, m.problem, i), neg: a.negHigh.apart(m.Euclidean, m.problem, i), pairs: true,
		}
		l.bound = lastWithout(func(s float32) bool { return apartBySim(m.Euclidean, s)-m.Epsilon < l.pos })
		m.limits[i] = l
	}
}

// Select implements [Miner].
func (m *MultiSimilarityMiner) Select(r *Row) {
	l := &m.limits[r.Anchor]
	if !l.pairs {
		r.dropAll()
		return
	}
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if r.apart(m.Euclidean, p.Col, p.Sim)+m.Epsilon > l.neg {
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	if !m.Euclidean || l.bound < nearlyOne-0.01 {
		kernel.Cut(r.Neg, l.bound)
		return
	}
	for c, s := range r.Neg {
		if s > noPair && !(r.apart(true, c, s)-m.Epsilon < l.pos) {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}
