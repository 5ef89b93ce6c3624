package miner

import (
	"math"
	"math/rand/v2"
	"slices"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// DistanceWeighted draws for each positive of an anchor one negative, at
// random, with weights that would make all distances equally likely if
// embeddings were spread evenly over the sphere.
//
//	Chao-Yuan Wu, R. Manmatha, Alexander J. Smola, Philipp Krähenbühl.
//	Sampling Matters in Deep Embedding Learning. ICCV 2017.
//	https://arxiv.org/abs/1706.07567 (section 4)
//
// The logarithm of the weight at Euclidean distance d in n dimensions is
// (2-n)·log d - (n-3)/2·log(1-d²/4), d at least Cutoff, and the weight is 0 from
// FarCutoff on. An anchor without such negatives has nothing chosen.
//
// The draws are one walk along the cumulative weights, so they take two passes
// and 16 bytes a positive; they depend on Source alone.
type DistanceWeighted struct {
	Cutoff    float64 // above 0; usual: 0.5
	FarCutoff float64 // above Cutoff, at most 2; usual: 1.4
	// Source is the random generator. Its state is the miner's only one from step to
	// step.
	Source *rand.PCG

	dim     int
	problem *pair.Problem
	anchors []distanceWeightedAnchor
	weights distanceWeights
	parts   [][]tileWeight // by part of the columns and anchor
}

type distanceWeightedAnchor struct {
	pos    apart.Ranking
	sum    logsum.Sum
	passed float64 // of the cumulative weights, in shares of the whole
	shares []float64
	list   []int32 // rank of the positive that each share, in rising order, is for
	cols   []int32 // column drawn for each share, in rising order
	sims   []float32
}

// Validate returns an error that names the first parameter out of its range.
func (m *DistanceWeighted) Validate() error { return spec.Check(kind, "distance-weighted", m.fields()) }

func (m *DistanceWeighted) fields() []spec.Field {
	return []spec.Field{{Key: "cutoff", At: &m.Cutoff, Range: spec.Above(0)}, {Key: "nonzero_loss_cutoff", At: &m.FarCutoff, Range: spec.From(m.Cutoff, 2)}}
}

// Random implements [pair.Seeded].
func (m *DistanceWeighted) Random() *rand.PCG { return m.Source }

// Begin implements [pair.Miner].
func (m *DistanceWeighted) Begin(p *pair.Problem) {
	m.dim, m.problem = p.Dim, p
	m.weights.set(m)
	for k := range m.parts {
		m.parts[k] = m.parts[k][:0]
	}
	m.anchors = room.Sized(m.anchors, len(p.Anchors.Labels))
	for i := range m.anchors {
		a := &m.anchors[i]
		*a = distanceWeightedAnchor{pos: a.pos[:0], sum: logsum.Empty(), shares: a.shares, list: a.list, cols: a.cols[:0], sims: a.sims[:0]}
	}
}

// Passes implements [pair.Miner]: one for the sums of the weights, one for the draws.
func (m *DistanceWeighted) Passes() int { return 2 }

// Fold implements [pair.Miner].
func (m *DistanceWeighted) Fold(pass int, r *pair.Row) {
	a := &m.anchors[r.Anchor]
	if pass == 0 {
		a.pos.Add(r)
	}
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		x, within := m.logWeight(r.Distance(c, s))
		switch {
		case !within:
		case pass == 0:
			a.sum.Add(x)
		default:
			a.passed += math.Exp(x - a.sum.Value())
			a.draw(r.Column(c), s)
		}
	}
}

// draw takes the column for the shares that have been passed.
func (a *distanceWeightedAnchor) draw(column int, s float32) {
	for len(a.cols) < len(a.shares) && a.shares[len(a.cols)] <= a.passed {
		a.cols, a.sims = append(a.cols, int32(column)), append(a.sims, s)
	}
}

func (m *DistanceWeighted) logWeight(d float64) (x float64, within bool) {
	if !(d < m.FarCutoff) {
		return 0, false
	}
	d, n := max(d, m.Cutoff), float64(m.dim)
	return (2-n)*math.Log(d) - (n-3)/2*math.Log(1-d*d/4), true
}

// EndPass implements [pair.Miner].
func (m *DistanceWeighted) EndPass(pass int) {
	random := rand.New(m.Source)
	for i := range m.anchors {
		a := &m.anchors[i]
		switch {
		case pass == 1:
			// What rounding left over falls to the last that was drawn.
			for n := len(a.cols); n > 0 && n < len(a.shares); n++ {
				a.cols, a.sims = append(a.cols, a.cols[n-1]), append(a.sims, a.sims[n-1])
			}
			continue
		case a.sum.IsEmpty():
			a.shares, a.list = a.shares[:0], a.list[:0]
			continue
		}
		a.pos.Sort()
		a.shares, a.list = room.Sized(a.shares, len(a.pos)), room.Sized(a.list, len(a.pos))
		for k := range a.shares {
			a.shares[k] = random.Float64()
			a.list[k] = int32(k)
		}
		slices.Sort(a.shares)
		random.Shuffle(len(a.list), func(x, y int) { a.list[x], a.list[y] = a.list[y], a.list[x] })
	}
}

// Partners implements [pair.Partners].
func (m *DistanceWeighted) Partners(r *pair.Row, c int) (list []int32, lo, hi int) {
	a := &m.anchors[r.Anchor]
	lo, _ = slices.BinarySearch(a.cols, int32(r.Column(c)))
	hi, _ = slices.BinarySearch(a.cols, int32(r.Column(c)+1))
	return a.list, lo, hi
}

// Select implements [pair.Miner]. Each positive is in exactly one triplet.
func (m *DistanceWeighted) Select(r *pair.Row) {
	r.Partners = m
	if len(m.anchors[r.Anchor].cols) == 0 {
		r.DropAll()
		return
	}
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
