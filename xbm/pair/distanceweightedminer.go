package pair

import (
	"math"
	"math/rand/v2"
	"slices"
)

// DistanceWeightedMiner draws for each positive of an anchor one negative, at
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
type DistanceWeightedMiner struct {
	Cutoff    float64 // above 0; usual: 0.5
	FarCutoff float64 // above Cutoff, at most 2; usual: 1.4
	// Source is what chance comes from. Its state is the miner's only one from
	// step to step.
	Source *rand.PCG

	dim     int
	counts  bool
	anchors []distanceWeightedAnchor
}

type distanceWeightedAnchor struct {
	pos    ranking
	sum    logSum
	passed float64 // of the cumulative weights, in shares of the whole
	shares []float64
	list   []int32 // rank of the positive that each share, in rising order, is for
	cols   []int32 // column drawn for each share, in rising order
}

// Validate returns an error that names the first parameter out of its range.
func (m *DistanceWeightedMiner) Validate() error {
	if err := above("distance-weighted miner", "cutoff", m.Cutoff, 0); err != nil {
		return err
	}
	return parameter{"nonzero_loss_cutoff", m.FarCutoff}.within("distance-weighted miner", m.Cutoff, 2)
}

func (m *DistanceWeightedMiner) countTriplets(yes bool) { m.counts = yes }

// Begin implements [Miner].
func (m *DistanceWeightedMiner) Begin(p *Problem) {
	m.dim = p.Dim
	m.anchors = sizedTo(m.anchors, len(p.Anchors.Labels))
	for i := range m.anchors {
		a := &m.anchors[i]
		*a = distanceWeightedAnchor{pos: a.pos[:0], sum: emptyLogSum(), shares: a.shares, list: a.list, cols: a.cols[:0]}
	}
}

// Passes implements [Miner]: one for the sums of the weights, one for the draws.
func (m *DistanceWeightedMiner) Passes() int { return 2 }

// Fold implements [Miner].
func (m *DistanceWeightedMiner) Fold(pass int, r *Row) {
	a := &m.anchors[r.Anchor]
	if pass == 0 {
		a.pos.add(r)
	}
	for c, s := range r.Neg {
		if s <= noPair {
			continue
		}
		x, within := m.logWeight(r.distance(c, s))
		switch {
		case !within:
		case pass == 0:
			a.sum.add(x)
		default:
			a.passed += math.Exp(x - a.sum.value())
			for len(a.cols) < len(a.shares) && a.shares[len(a.cols)] <= a.passed {
				a.cols = append(a.cols, int32(r.column(c)))
			}
		}
	}
}

func (m *DistanceWeightedMiner) logWeight(d float64) (x float64, within bool) {
	if !(d < m.FarCutoff) {
		return 0, false
	}
	d, n := max(d, m.Cutoff), float64(m.dim)
	return (2-n)*math.Log(d) - (n-3)/2*math.Log(1-d*d/4), true
}

// EndPass implements [Miner].
func (m *DistanceWeightedMiner) EndPass(pass int) {
	random := rand.New(m.Source)
	for i := range m.anchors {
		a := &m.anchors[i]
		switch {
		case pass == 1:
			// What rounding left over falls to the last that was drawn.
			for n := len(a.cols); n > 0 && n < len(a.shares); n++ {
				a.cols = append(a.cols, a.cols[n-1])
			}
			continue
		case math.IsInf(a.sum.top, -1):
			a.shares, a.list = a.shares[:0], a.list[:0]
			continue
		}
		a.pos.sort()
		a.shares, a.list = sizedTo(a.shares, len(a.pos)), sizedTo(a.list, len(a.pos))
		for k := range a.shares {
			a.shares[k] = random.Float64()
			a.list[k] = int32(k)
		}
		slices.Sort(a.shares)
		random.Shuffle(len(a.list), func(x, y int) { a.list[x], a.list[y] = a.list[y], a.list[x] })
	}
}

func (m *DistanceWeightedMiner) partners(r *Row, c int) (list []int32, lo, hi int) {
	a := &m.anchors[r.Anchor]
	lo, _ = slices.BinarySearch(a.cols, int32(r.column(c)))
	hi, _ = slices.BinarySearch(a.cols, int32(r.First+c+1))
	return a.list, lo, hi
}

// Select implements [Miner]. Each positive is in exactly one triplet.
func (m *DistanceWeightedMiner) Select(r *Row) {
	r.triplets = m
	if len(m.anchors[r.Anchor].cols) == 0 {
		r.dropAll()
		return
	}
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
