package miner

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Strategy is which of an anchor's positives, or of its negatives, are chosen.
type Strategy int

// The strategies. A hard positive is far, a hard negative near.
const (
	Hard     Strategy = iota // the hardest
	Semihard                 // the hardest that is easier than the choice of the other kind
	Easy                     // the easiest
	All                      // all
)

// strategies are the names, by number.
func strategies() []string { return []string{"hard", "semihard", "easy", "all"} }

// String is the strategy's name.
func (s Strategy) String() string {
	if s < Hard || s > All {
		return fmt.Sprintf("strategy %d", int(s))
	}
	return strategies()[s]
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Strategy) UnmarshalText(text []byte) error {
	at := slices.Index(strategies(), string(text))
	if at < 0 {
		return fmt.Errorf("give one of %s", strings.Join(strategies(), ", "))
	}
	*s = Strategy(at)
	return nil
}

// EasyHard chooses for each anchor one positive and one negative, the
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
// Unless one of them is All, an anchor that lacks either choice has nothing chosen.
// Semihard goes with Hard or Easy. Of equally similar columns the first is chosen.
type EasyHard struct {
	Pos, Neg Strategy

	anchors []extremes
	parts   partExtremes
	chosen  []extremes // in posLow and negHigh
}

// Validate returns an error if the strategies do not go together.
func (m *EasyHard) Validate() error {
	for _, s := range []Strategy{m.Pos, m.Neg} {
		if s < Hard || s > All {
			return fmt.Errorf("%s \"easy-hard\": %d is no strategy", kind, s)
		}
	}
	semihard := m.Pos == Semihard || m.Neg == Semihard
	if semihard && (m.Pos == m.Neg || m.Pos == All || m.Neg == All) {
		return fmt.Errorf("%s \"easy-hard\": semihard goes with hard or easy on the other side", kind)
	}
	return nil
}

func (m *EasyHard) fields() []spec.Field {
	return []spec.Field{{Key: "pos", At: &m.Pos}, {Key: "neg", At: &m.Neg}}
}

// Begin implements [pair.Miner].
func (m *EasyHard) Begin(p *pair.Problem) {
	m.anchors = room.Sized(m.anchors, len(p.Anchors.Labels))
	m.chosen = room.Sized(m.chosen, len(p.Anchors.Labels))
	for i := range m.anchors {
		m.anchors[i], m.chosen[i] = noExtremes(), noExtremes()
	}
}

// Passes implements [pair.Miner]: one for the extremes, one for what is semihard.
func (m *EasyHard) Passes() int {
	if m.Pos == Semihard || m.Neg == Semihard {
		return 2
	}
	return 1
}

// Fold implements [pair.Miner].
func (m *EasyHard) Fold(pass int, r *pair.Row) {
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
				semihard.posLow.below(p.Sim, r.Column(p.Col))
			}
		}
	}
}

// foldSemihard takes in the negatives that are easier than the positive.
func (m *EasyHard) foldSemihard(x *extremes, r *pair.Row) {
	limit := m.positive(&m.anchors[r.Anchor])
	if limit.col < 0 {
		return
	}
	for c, s := range r.Neg {
		if s > pair.NoPair && s < limit.sim {
			x.negHigh.above(s, r.Column(c))
		}
	}
}

// foldPartSemihard is foldSemihard for many negatives at a time.
func (m *EasyHard) foldPartSemihard(x *extremes, r *pair.Row) {
	limit := m.positive(&m.anchors[r.Anchor])
	if limit.col < 0 {
		return
	}
	opposite := r.Scratch
	kernel.Scale(opposite, -1, r.Neg)
	if s := -kernel.LeastAbove(opposite, -limit.sim); s > pair.NoPair && (x.negHigh.col < 0 || s > x.negHigh.sim) {
		c := slices.Index(r.Neg, s)
		x.negHigh = extreme{r.Neg[c], r.Column(c)}
	}
}

// positive is the choice among the extremes; not of Semihard and All.
func (m *EasyHard) positive(a *extremes) extreme {
	if m.Pos == Easy {
		return a.posHigh
	}
	return a.posLow
}

func (m *EasyHard) negative(a *extremes) extreme {
	if m.Neg == Easy {
		return a.negLow
	}
	return a.negHigh
}

func (m *EasyHard) needsLow() bool { return m.Neg == Easy }

// BeginParts implements [pair.FastMiner].
func (m *EasyHard) BeginParts(parts int) { m.parts.begin(parts, len(m.anchors)) }

// FoldPart implements [pair.FastMiner].
func (m *EasyHard) FoldPart(part, pass int, r *pair.Row) {
	x := m.parts.of(part, r.Anchor)
	if pass == 0 {
		x.fold(r, m.needsLow())
		return
	}
	if m.Neg == Semihard {
		m.foldPartSemihard(x, r)
	}
}

// Bound implements [pair.Bounded].
func (m *EasyHard) Bound(part, pass, anchor int) float32 {
	semihard := m.Neg == Semihard
	switch {
	case pass == 0 && (m.Neg == All || semihard), pass == 1 && (!semihard || m.positive(&m.anchors[anchor]).col < 0):
		return float32(math.Inf(1))
	case m.needsLow():
		return pair.NoPair
	}
	return m.parts.bound(part, anchor)
}

// EndParts implements [pair.FastMiner].
func (m *EasyHard) EndParts(pass int) {
	if pass == 0 {
		m.parts.join(m.anchors)
		return
	}
	m.parts.join(m.chosen)
}

// IsFew implements [pair.FastMiner].
func (m *EasyHard) IsFew() bool { return m.Neg != All }

// Few implements [pair.FastMiner]: there is one at most.
func (m *EasyHard) Few(anchor int, visit func(column int, sim float32)) {
	if n := m.chosen[anchor].negHigh; n.col >= 0 {
		visit(n.col, n.sim)
	}
}

// EndPass implements [pair.Miner].
func (m *EasyHard) EndPass(pass int) {
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

// Select implements [pair.Miner].
func (m *EasyHard) Select(r *pair.Row) {
	c := &m.chosen[r.Anchor]
	if m.Pos != All {
		kept := r.Pos[:0]
		for _, p := range r.Pos {
			if r.Column(p.Col) == c.posLow.col {
				kept = append(kept, p)
			}
		}
		r.Pos = kept
	}
	if m.Neg != All {
		for k := range r.Neg {
			if r.Column(k) != c.negHigh.col {
				r.Neg[k] = float32(math.Inf(-1))
			}
		}
	}
}

// PrepareMining implements [pair.SweptMiner].
func (m *EasyHard) PrepareMining(pass int, s *pair.Sweep) bool {
	*s = pair.Sweep{Below: s.Below}
	if pass == 0 || m.Neg != Semihard {
		s.Below = nil
		return m.Neg != Easy && m.Neg != All
	}
	s.Below = room.Sized(s.Below, len(m.anchors))
	for i := range m.anchors {
		s.Below[i] = pair.NoPair
		if limit := m.positive(&m.anchors[i]); limit.col >= 0 {
			s.Below[i] = limit.sim
		}
	}
	return true
}

// JoinNearest implements [pair.SweptMiner].
func (m *EasyHard) JoinNearest(pass, anchor, column int, sim float32) {
	if pass == 1 {
		m.chosen[anchor].negHigh = extreme{sim, column}
		return
	}
	m.anchors[anchor].negHigh = extreme{sim, column}
}

// Bounds implements [pair.SweptMiner]: it is not called, the choice being single.
func (m *EasyHard) Bounds(*pair.Sweep) bool { return false }
