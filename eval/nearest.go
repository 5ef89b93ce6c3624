package eval

import (
	"cmp"
	"math"
	"slices"

	"crossbatch/xbm/kernel"
)

// nearest keeps the candidates for one query's k nearest rows, of which
// nearnesses are known but for rounding.
type nearest struct {
	k     int
	slack float32 // twice the rounding
	bound float32 // what candidates must be above
	most  int     // candidates at which those that are out are dropped

	nearness []float32
	index    []int32
}

func (n *nearest) begin(k int, slack float32) {
	n.k, n.slack = k, slack
	n.bound = float32(math.Inf(-1))
	n.most = 2*k + 64
	if n.index == nil {
		n.nearness, n.index = make([]float32, 0, n.most), make([]int32, 0, n.most)
	}
	n.nearness, n.index = n.nearness[:0], n.index[:0]
}

// add takes in the rows at places of a tile that starts at first; their
// nearnesses were above the bound.
func (n *nearest) add(tile []float32, places []int32, first int32, sp *space) {
	for _, place := range places {
		n.nearness, n.index = append(n.nearness, tile[place]), append(n.index, first+place)
	}
	if len(n.index) >= n.most {
		n.drop(sp)
	}
}

// drop raises the bound to what the k nearest so far leave, and drops the
// candidates that are not above it.
func (n *nearest) drop(sp *space) {
	n.bound = math.Nextafter32(n.atLeast()-n.slack, float32(math.Inf(-1)))
	if len(sp.kept) < len(n.index)+kernel.FindSlack {
		sp.kept = make([]int32, 2*len(n.index)+kernel.FindSlack)
	}
	kept := sp.kept[:kernel.FindAbove(sp.kept, n.nearness, n.bound)]
	for i, place := range kept {
		n.nearness[i], n.index[i] = n.nearness[place], n.index[place]
	}
	n.nearness, n.index = n.nearness[:len(kept)], n.index[:len(kept)]
	// As many as fill the list may be as near as the last.
	n.most = max(n.most, 2*len(kept))
}

// atLeast returns a bound, nearly the best, that the k nearest are not below.
func (n *nearest) atLeast() float32 {
	hi := kernel.Max(n.nearness)
	lo := kernel.LeastAbove(n.nearness, float32(math.Inf(-1)))
	// More than k-1 are not below lo; that holds throughout.
	for range 24 {
		mid := lo + (hi-lo)/2
		above := kernel.CountAbove(n.nearness, mid)
		if above < n.k {
			hi = mid
			continue
		}
		lo = mid
		if above <= n.k+n.k/16 {
			break
		}
	}
	return lo
}

// ranked stores the k nearest in sp.found, nearest first, by exact squared
// distance and then index.
func (n *nearest) ranked(sp *space, square func(index int32) float64) []int32 {
	if len(n.index) > n.k {
		n.drop(sp)
	}
	// By nearness they are nearly in order.
	sp.keys = sp.keys[:0]
	for i, x := range n.nearness {
		sp.keys = append(sp.keys, sortKey(x, n.index[i]))
	}
	slices.Sort(sp.keys)
	sp.exact = sp.exact[:0]
	for _, key := range sp.keys {
		index := int32(uint32(key))
		sp.exact = append(sp.exact, exactly{square(index), index})
	}
	insertionSort(sp.exact)
	for i := range sp.found {
		sp.found[i] = sp.exact[i].index
	}
	return sp.found
}

// sortKey has the larger nearness first, and then the smaller index.
func sortKey(nearness float32, index int32) uint64 {
	bits := math.Float32bits(nearness)
	if bits>>31 == 0 {
		bits = ^bits &^ (1 << 31)
	}
	return uint64(bits)<<32 | uint64(uint32(index))
}

// exactly is a candidate with its exact squared distance.
type exactly struct {
	square float64
	index  int32
}

// insertionSort sorts by square, then index, in as many steps as pairs are out of
// order; from too many on it leaves the rest to the library.
func insertionSort(x []exactly) {
	compare := func(a, b exactly) int {
		return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.index, b.index))
	}
	steps := 0
	for i := 1; i < len(x); i++ {
		for j := i; j > 0 && compare(x[j], x[j-1]) < 0; j-- {
			x[j], x[j-1] = x[j-1], x[j]
			steps++
		}
		if steps > 16*len(x) {
			slices.SortFunc(x, compare)
			return
		}
	}
}
