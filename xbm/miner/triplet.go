package miner

import (
	"fmt"
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// TripletKind is which triplets a [Triplet] chooses, by how much farther the
// negative is than the positive.
type TripletKind int

// The kinds of triplets.
const (
	AllTriplets      TripletKind = iota // farther by at most the margin
	HardTriplets                        // not farther at all
	SemihardTriplets                    // farther, but by at most the margin
	EasyTriplets                        // farther by more than the margin
)

// Triplet chooses triplets of an anchor, a positive and a negative by how
// much farther the negative is than the positive.
//
//	Florian Schroff, Dmitry Kalenichenko, James Philbin. FaceNet: A Unified
//	Embedding for Face Recognition and Clustering. CVPR 2015.
//	https://arxiv.org/abs/1503.03832 (section 3.2)
//
// The positives of an anchor are sorted once, 12 bytes each, and each negative's
// are then a range found by search: M log P steps an anchor, whatever the number
// of triplets.
type Triplet struct {
	Kind      TripletKind
	Margin    float64 // 0 or more; usual: 0.2
	Euclidean bool

	problem *pair.Problem
	counts  bool // multiplicities
	anchors []tripletAnchor
}

type tripletAnchor struct {
	pos            apart.Ranking
	aparts         []float64
	multiplicities []int32 // by rank; while it is being counted, differences
}

// Validate returns an error that names the first parameter out of its range.
func (m *Triplet) Validate() error {
	if m.Kind < AllTriplets || m.Kind > EasyTriplets {
		return fmt.Errorf("%s \"triplet\": %d is no kind of triplets", kind, m.Kind)
	}
	return spec.Check(kind, "triplet", m.fields())
}

func (m *Triplet) fields() []spec.Field {
	return []spec.Field{{Key: "margin", At: &m.Margin, Range: spec.From(0, 2)}}
}

// Begin implements [pair.Miner].
func (m *Triplet) Begin(p *pair.Problem) {
	m.problem, m.counts = p, !p.Triplets
	m.anchors = room.Sized(m.anchors, len(p.Anchors.Labels))
	for i := range m.anchors {
		m.anchors[i].pos = m.anchors[i].pos[:0]
	}
}

// Passes implements [pair.Miner]: one for the positives, and one to count triplets
// where the loss wants pairs.
func (m *Triplet) Passes() int {
	if m.counts {
		return 2
	}
	return 1
}

// Fold implements [pair.Miner].
func (m *Triplet) Fold(pass int, r *pair.Row) {
	a := &m.anchors[r.Anchor]
	if pass == 0 {
		a.pos.Add(r)
		return
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			if _, lo, hi := m.Partners(r, c); lo < hi {
				a.multiplicities[lo]++
				a.multiplicities[hi]--
			}
		}
	}
}

// EndPass implements [pair.Miner].
func (m *Triplet) EndPass(pass int) {
	for i := range m.anchors {
		a := &m.anchors[i]
		if pass == 0 {
			a.pos.Sort()
			a.aparts = a.pos.Aparts(a.aparts, m.Euclidean, m.problem, i)
			a.multiplicities = room.Zeroed(a.multiplicities, len(a.pos)+1)
			continue
		}
		for k := 1; k < len(a.multiplicities); k++ {
			a.multiplicities[k] += a.multiplicities[k-1]
		}
	}
}

// Partners implements [pair.Partners].
func (m *Triplet) Partners(r *pair.Row, c int) (list []int32, lo, hi int) {
	aparts := m.anchors[r.Anchor].aparts
	x := r.Apart(m.Euclidean, c, r.Neg[c])
	// x - apart is how much farther the negative is.
	switch m.Kind {
	case HardTriplets:
		return nil, apart.FirstFrom(aparts, x), len(aparts)
	case SemihardTriplets:
		return nil, apart.FirstFrom(aparts, x-m.Margin), apart.FirstFrom(aparts, x)
	case EasyTriplets:
		return nil, 0, apart.FirstFrom(aparts, x-m.Margin)
	}
	return nil, apart.FirstFrom(aparts, x-m.Margin), len(aparts)
}

// IsFew implements [pair.FastMiner].
func (m *Triplet) IsFew() bool { return false }

// Few implements [pair.FastMiner]: it is not called.
func (m *Triplet) Few(int, func(column int, sim float32)) {}

// BeginParts implements [pair.FastMiner].
func (m *Triplet) BeginParts(int) {}

// FoldPart implements [pair.FastMiner].
func (m *Triplet) FoldPart(int, int, *pair.Row) {}

// EndParts implements [pair.FastMiner].
func (m *Triplet) EndParts(int) {}

// Bound implements [pair.Bounded]: it needs the positives alone.
func (m *Triplet) Bound(int, int, int) float32 { return float32(math.Inf(1)) }

// Interval implements [pair.IntervalMiner].
func (m *Triplet) Interval(anchor, rank int) (above, upTo float32) {
	x := m.anchors[anchor].aparts[rank]
	last := func(margin float64) float32 {
		return apart.LastWithout(func(s float32) bool { return x >= apart.BySim(m.Euclidean, s)-margin })
	}
	most := float32(math.MaxFloat32)
	switch m.Kind {
	case HardTriplets:
		return last(0), most
	case SemihardTriplets:
		return last(m.Margin), last(0)
	case EasyTriplets:
		return pair.NoPair, last(m.Margin)
	}
	return last(m.Margin), most
}

// Select implements [pair.Miner].
func (m *Triplet) Select(r *pair.Row) {
	r.Partners = m
	a := &m.anchors[r.Anchor]
	if len(a.pos) == 0 {
		r.DropAll()
		return
	}
	if !m.counts {
		return
	}
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if n := a.multiplicities[a.pos.Rank(r, p)]; n > 0 {
			p.Multiplicity = float32(n)
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	r.Multiplicities = r.Scratch
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		_, lo, hi := m.Partners(r, c)
		r.Multiplicities[c] = float32(hi - lo)
		if lo >= hi {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}
