package pair

import "math"

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
}

// extremes are the anchor's most and least similar pairs so far.
type extremes struct {
	posLow, posHigh, negHigh, negLow extreme
}

type extreme struct {
	sim float32
	col int // -1: no pair yet
}

func noExtremes() extremes {
	none := extreme{col: -1}
	return extremes{none, none, none, none}
}

// above takes in a pair if it is more similar than all before.
func (x *extreme) above(sim float32, col int) {
	if x.col < 0 || sim > x.sim {
		*x = extreme{sim, col}
	}
}

// below takes in a pair if it is less similar than all before.
func (x *extreme) below(sim float32, col int) {
	if x.col < 0 || sim < x.sim {
		*x = extreme{sim, col}
	}
}

// fold takes in a row.
func (x *extremes) fold(r *Row) {
	for _, p := range r.Pos {
		x.posLow.below(p.Sim, r.First+p.Col)
		x.posHigh.above(p.Sim, r.First+p.Col)
	}
	for c, s := range r.Neg {
		if s > noPair {
			x.negHigh.above(s, r.First+c)
			x.negLow.below(s, r.First+c)
		}
	}
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
func (m *MultiSimilarityMiner) Fold(_ int, r *Row) { m.anchors[r.Anchor].fold(r) }

// EndPass implements [Miner].
func (m *MultiSimilarityMiner) EndPass(int) {}

// Select implements [Miner].
func (m *MultiSimilarityMiner) Select(r *Row) {
	a := &m.anchors[r.Anchor]
	if a.posLow.col < 0 || a.negHigh.col < 0 {
		r.dropAll()
		return
	}
	hardestPos := a.posLow.apart(m.Euclidean, m.problem, r.Anchor)
	hardestNeg := a.negHigh.apart(m.Euclidean, m.problem, r.Anchor)
	least := leastWithin(m.Euclidean, hardestPos+m.Epsilon)
	r.keep(
		func(p Positive) bool { return r.apart(m.Euclidean, p.Col, p.Sim)+m.Epsilon > hardestNeg },
		func(c int, s float32) bool {
			return s > least && r.apart(m.Euclidean, c, s)-m.Epsilon < hardestPos
		})
}

// apart is how far the pair is apart, -Inf where there is none.
func (x extreme) apart(euclidean bool, p *Problem, anchor int) float64 {
	if x.col < 0 {
		return math.Inf(-1)
	}
	r := Row{Anchor: anchor, problem: p}
	return r.apart(euclidean, x.col, x.sim)
}
