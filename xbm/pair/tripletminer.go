package pair

import (
	"fmt"
	"math"
)

// TripletKind is which triplets a [TripletMiner] chooses, by how much farther the
// negative is than the positive.
type TripletKind int

// The kinds of triplets.
const (
	AllTriplets      TripletKind = iota // farther by at most the margin
	HardTriplets                        // not farther at all
	SemihardTriplets                    // farther, but by at most the margin
	EasyTriplets                        // farther by more than the margin
)

// TripletMiner chooses triplets of an anchor, a positive and a negative by how
// much farther the negative is than the positive.
//
//	Florian Schroff, Dmitry Kalenichenko, James Philbin. FaceNet: A Unified
//	Embedding for Face Recognition and Clustering. CVPR 2015.
//	https://arxiv.org/abs/1503.03832 (section 3.2)
//
// The positives of an anchor are sorted once, 12 bytes each, and each negative's
// are then a range found by search: M log P steps an anchor, whatever the number
// of triplets.
type TripletMiner struct {
	Kind      TripletKind
	Margin    float64 // 0 or more; usual: 0.2
	Euclidean bool

	problem *Problem
	counts  bool
	anchors []tripletMinerAnchor
}

type tripletMinerAnchor struct {
	pos    ranking
	aparts []float64
	times  []int32 // by rank; while it is being counted, differences
}

// Validate returns an error that names the first parameter out of its range.
func (m *TripletMiner) Validate() error {
	if m.Kind < AllTriplets || m.Kind > EasyTriplets {
		return fmt.Errorf("pair: triplet miner: %d is no kind of triplets", m.Kind)
	}
	return parameter{"margin", m.Margin}.within("triplet miner", 0, 2)
}

func (m *TripletMiner) countTriplets(yes bool) { m.counts = yes }

// Begin implements [Miner].
func (m *TripletMiner) Begin(p *Problem) {
	m.problem = p
	m.anchors = sizedTo(m.anchors, len(p.Anchors.Labels))
	for i := range m.anchors {
		m.anchors[i].pos = m.anchors[i].pos[:0]
	}
}

// Passes implements [Miner]: one for the positives, and one to count triplets
// where the loss wants pairs.
func (m *TripletMiner) Passes() int {
	if m.counts {
		return 2
	}
	return 1
}

// Fold implements [Miner].
func (m *TripletMiner) Fold(pass int, r *Row) {
	a := &m.anchors[r.Anchor]
	if pass == 0 {
		a.pos.add(r)
		return
	}
	for c, s := range r.Neg {
		if s > noPair {
			if _, lo, hi := m.partners(r, c); lo < hi {
				a.times[lo]++
				a.times[hi]--
			}
		}
	}
}

// EndPass implements [Miner].
func (m *TripletMiner) EndPass(pass int) {
	for i := range m.anchors {
		a := &m.anchors[i]
		if pass == 0 {
			a.pos.sort()
			a.aparts = a.pos.aparts(a.aparts, m.Euclidean, m.problem, i)
			a.times = zeroed(a.times, len(a.pos)+1)
			continue
		}
		for k := 1; k < len(a.times); k++ {
			a.times[k] += a.times[k-1]
		}
	}
}

func (m *TripletMiner) partners(r *Row, c int) (list []int32, lo, hi int) {
	aparts := m.anchors[r.Anchor].aparts
	x := r.apart(m.Euclidean, c, r.Neg[c])
	// x - apart is how much farther the negative is.
	switch m.Kind {
	case HardTriplets:
		return nil, firstFrom(aparts, x), len(aparts)
	case SemihardTriplets:
		return nil, firstFrom(aparts, x-m.Margin), firstFrom(aparts, x)
	case EasyTriplets:
		return nil, 0, firstFrom(aparts, x-m.Margin)
	}
	return nil, firstFrom(aparts, x-m.Margin), len(aparts)
}

// Select implements [Miner].
func (m *TripletMiner) Select(r *Row) {
	r.triplets = m
	a := &m.anchors[r.Anchor]
	if len(a.pos) == 0 {
		r.dropAll()
		return
	}
	if !m.counts {
		return
	}
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if n := a.times[a.pos.rank(r, p)]; n > 0 {
			p.Times = float32(n)
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	r.times = r.scratch
	for c, s := range r.Neg {
		if s <= noPair {
			continue
		}
		_, lo, hi := m.partners(r, c)
		r.times[c] = float32(hi - lo)
		if lo >= hi {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}
