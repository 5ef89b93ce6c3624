// Package apart compares pairs by how far apart they are: by the Euclidean distance
// of unit rows, or by the negative cosine similarity.
package apart

import (
	"math"
	"sort"

	"crossbatch/xbm/pair"
)

// BelowNearlyOne is a similarity such that pair.NearlyOne and all above are above it.
const BelowNearlyOne = pair.NearlyOne - 1e-6

// Slope is ∂apart/∂s. At distance 0 there is no direction to move in: 0.
func Slope(euclidean bool, apart float64) float64 {
	switch {
	case !euclidean:
		return -1
	case apart > 0:
		return -1 / apart
	}
	return 0
}

// BySim is how far apart a pair of similarity s is, by that alone: exact enough
// below pair.NearlyOne.
func BySim(euclidean bool, s float32) float64 {
	if euclidean {
		return math.Sqrt(max(0, 2-2*float64(s)))
	}
	return -float64(s)
}

// LastWithout returns the largest similarity, from pair.NoPair to 2, that near does
// not hold for. Where it holds for one, it must hold for all above.
func LastWithout(near func(s float32) bool) float32 {
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
	first := order(pair.NoPair) + 1
	k := sort.Search(order(2)-first+1, func(k int) bool { return near(similarity(first + k)) })
	return similarity(first + k - 1)
}

// LeastWithin is a similarity that every pair not farther apart than bound has
// or exceeds, with a little slack for rounding.
func LeastWithin(euclidean bool, bound float64) float32 {
	const slack = 1e-5
	switch {
	case !euclidean:
		return float32(math.Max(-bound-slack, -math.MaxFloat32))
	case bound < 0:
		return 2
	}
	return float32(math.Max(1-bound*bound/2-slack, -math.MaxFloat32))
}
