package pair

import (
	"fmt"
	"math"
)

// Strategy is which of an anchor's positives, or of its negatives, are chosen.
type Strategy int

// The strategies. A hard positive is far, a hard negative near.
const (
	Hard     Strategy = iota // the hardest
	Semihard                 // the hardest that is easier than the other side's choice
	Easy                     // the easiest
	All                      // all
)

// EasyHardMiner chooses for each anchor one positive and one negative, the
// hardest or the easiest, or all of one kind. With both hard, the zero value, it
// is batch-hard mining:
//
//	Alexander Hermans, Lucas Beyer, Bastian Leibe. In Defense of the Triplet
//	Loss for Person Re-Identification. 2017. https://arxiv.org/abs/1703.07737
//	(equation 5)
//
// Easy positives with semihard negatives are from
//
//	Hong Xuan, Abby Stylianou, Robert Pless. Improved Embeddings with Easy
//	Positive Triplet Mining. WACV 2020. https://arxiv.org/abs/1904.04370
//
// Unless one side is All, an anchor that lacks either choice has nothing chosen.
// Semihard goes with Hard or Easy. Of equally similar columns the first is chosen.
type EasyHardMiner struct {
	Pos, Neg Strategy

	anchors []extremes
	parts   partExtremes
	chosen  []extremes // in posLow and negHigh
}

// Validate returns an error if the strategies do not go together.
func (m *EasyHardMiner) Validate() error {
	for _, s := range []Strategy{m.Pos, m.Neg} {
		if s < Hard || s > All {
			return fmt.Errorf("pair: easy-hard miner: %d is no strategy", s)
		}
	}
	semihard := m.Pos == Semihard || m.Neg == Semihard
	if semihard && (m.Pos == m.Neg || m.Pos == All || m.Neg == All) {
		return fmt.Errorf("pair: easy-hard miner: semihard goes with hard or easy on the other side")
	}
	return nil
}

// Begin implements [Miner].
func (m *EasyHardMiner) Begin(p *Problem) {
	m.anchors = sizedTo(m.anchors, len(p.Anchors.Labels))
	m.chosen = sizedTo(m.chosen, len(p.Anchors.Labels))
	for i := range m.anchors {
		m.anchors[i], m.chosen[i] = noExtremes(), noExtremes()
	}
}

// Passes implements [Miner]: one for the extremes, one for what is semihard.
func (m *EasyHardMiner) Passes() int {
	if m.Pos == Semihard || m.Neg == Semihard {
		return 2
	}
	return 1
}

// Fold implements [Miner].
func (m *EasyHardMiner) Fold(pass int, r *Row) {
	a := &m.anchors[r.Anchor]
	if pass == 0 {
		a.fold(r, m.needsLow())
		return
	}
	semihard := &m.chosen[r.Anchor]
	if m.Neg == Semihard {
		m.foldSemihard(semihard, r)
		return
	}
	if limit := m.negative(a); limit.col >= 0 {
		for _, p := range r.Pos {
			if p.Sim > limit.sim {
				semihard.posLow.below(p.Sim, r.column(p.Col))
			}
		}
	}
}

// foldSemihard takes in the negatives that are easier than the positive.
func (m *EasyHardMiner) foldSemihard(x *extremes, r *Row) {
	limit := m.positive(&m.anchors[r.Anchor])
	if limit.col < 0 {
		return
	}
	for c, s := range r.Neg {
		if s > noPair && s < limit.sim {
			x.negHigh.above(s, r.column(c))
		}
	}
}

// positive is the choice among the extremes; not of Semihard and All.
func (m *EasyHardMiner) positive(a *extremes) extreme {
	if m.Pos == Easy {
		return a.posHigh
	}
	return a.posLow
}

func (m *EasyHardMiner) negative(a *extremes) extreme {
	if m.Neg == Easy {
		return a.negLow
	}
	return a.negHigh
}

func (m *EasyHardMiner) needsLow() bool { return m.Neg == Easy }

func (m *EasyHardMiner) beginParts(parts int) { m.parts.begin(parts, len(m.anchors)) }

func (m *EasyHardMiner) foldPart(part, pass int, r *Row) {
	x := m.parts.of(part, r.Anchor)
	if pass == 0 {
		x.fold(r, m.needsLow())
		return
	}
	if m.Neg == Semihard {
		m.foldSemihard(x, r)
	}
}

func (m *EasyHardMiner) endParts(pass int) {
	if pass == 0 {
		m.parts.join(m.anchors)
		return
	}
	m.parts.join(m.chosen)
}

func (m *EasyHardMiner) single() bool { return m.Neg != All }

func (m *EasyHardMiner) only(anchor int) extreme { return m.chosen[anchor].negHigh }

// EndPass implements [Miner].
func (m *EasyHardMiner) EndPass(pass int) {
	if pass != m.Passes()-1 {
		return
	}
	for i := range m.anchors {
		a, c := &m.anchors[i], &m.chosen[i]
		if m.Pos != Semihard {
			c.posLow = m.positive(a)
		}
		if m.Neg != Semihard {
			c.negHigh = m.negative(a)
		}
		if m.Pos != All && m.Neg != All && (c.posLow.col < 0 || c.negHigh.col < 0) {
			*c = noExtremes()
		}
	}
}

// Select implements [Miner].
func (m *EasyHardMiner) Select(r *Row) {
	c := &m.chosen[r.Anchor]
	if m.Pos != All {
		kept := r.Pos[:0]
		for _, p := range r.Pos {
			if r.column(p.Col) == c.posLow.col {
				kept = append(kept, p)
			}
		}
		r.Pos = kept
	}
	if m.Neg != All {
		for k := range r.Neg {
			if r.column(k) != c.negHigh.col {
				r.Neg[k] = float32(math.Inf(-1))
			}
		}
	}
}
