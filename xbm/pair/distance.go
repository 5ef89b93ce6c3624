package pair

import (
	"math"
	"sort"

	"crossbatch/xbm/kernel"
)

// nearlyOne is the similarity above which 2-2s has lost more than half of
// float32's digits, so that a distance is taken from the rows themselves.
const nearlyOne = 0.999

// belowNearlyOne is a similarity such that nearlyOne and all above are above it.
const belowNearlyOne = nearlyOne - 1e-6

// rounding is how large a term can be that float32 similarities make of 0.
const rounding = 1e-6

// squaredDistance is ‖a-b‖² of two unit rows with similarity s: anchor i and
// column j of the problem.
func (p *Problem) squaredDistance(i, j int, s float32) float64 {
	if s < nearlyOne {
		return 2 - 2*float64(s)
	}
	a := p.Anchors.Rows[i*p.Dim : (i+1)*p.Dim]
	var room []float32
	return kernel.SquaredDistance(a, p.Columns.from(&room, p.Dim, j, 1))
}

// distance is the Euclidean distance between the row's anchor and column c of
// its tile, whose similarity is s.
func (r *Row) distance(c int, s float32) float64 {
	return math.Sqrt(r.problem.squaredDistance(r.Anchor, r.column(c), s))
}

// apart is how far the row's anchor and column c of its tile, whose similarity is
// s, are from each other: the Euclidean distance or the negative similarity.
func (r *Row) apart(euclidean bool, c int, s float32) float64 {
	if euclidean {
		return r.distance(c, s)
	}
	return -float64(s)
}

// apartSlope is ∂apart/∂s. At distance 0 there is no direction to move in: 0.
func apartSlope(euclidean bool, apart float64) float64 {
	switch {
	case !euclidean:
		return -1
	case apart > 0:
		return -1 / apart
	}
	return 0
}

// apartBySim is apart by similarity alone, which is exact enough below nearlyOne.
func apartBySim(euclidean bool, s float32) float64 {
	if euclidean {
		return math.Sqrt(max(0, 2-2*float64(s)))
	}
	return -float64(s)
}

// lastWithout returns the largest similarity, from noPair to 2, that near does
// not hold for. Where it holds for one, it must hold for all above.
func lastWithout(near func(s float32) bool) float32 {
	// Floats of one sign are in the order of their bits.
	order := func(s float32) int {
		bits := int(math.Float32bits(s))
		if bits >= 1<<31 {
			return 1<<31 - bits
		}
		return bits
	}
	similarity := func(order int) float32 {
		if order >= 0 {
			return math.Float32frombits(uint32(order))
		}
		return math.Float32frombits(uint32(1<<31 - order))
	}
	first := order(noPair) + 1
	k := sort.Search(order(2)-first+1, func(k int) bool { return near(similarity(first + k)) })
	return similarity(first + k - 1)
}

// leastWithin is a similarity that every pair not farther apart than bound has
// or exceeds, with a little slack for rounding.
func leastWithin(euclidean bool, bound float64) float32 {
	const slack = 1e-5
	switch {
	case !euclidean:
		return float32(math.Max(-bound-slack, -math.MaxFloat32))
	case bound < 0:
		return 2
	}
	return float32(math.Max(1-bound*bound/2-slack, -math.MaxFloat32))
}
