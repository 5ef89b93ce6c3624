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
	if k == 0 {
		n.bound = float32(math.Inf(1))
	}
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

// join takes in the candidates of other, which are of other rows.
func (n *nearest) join(other *nearest, sp *space) {
	n.nearness, n.index = append(n.nearness, other.nearness...), append(n.index, other.index...)
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
// distance and then index. Only rows whose nearnesses are too close to tell
// which is nearer are looked at again, and where alike is not nil only if it does
// not say that it is all the same which of them is: of the many rows that large
// classes have so close, most are of one.
func (n *nearest) ranked(sp *space, square func(index int32) float64, alike func(keys []uint64) bool) []int32 {
	if len(n.index) > n.k {
		n.drop(sp)
	}
	sp.keys = sp.keys[:0]
	for i, x := range n.nearness {
		sp.keys = append(sp.keys, sortKey(x, n.index[i]))
	}
	sp.room = slices.Grow(sp.room[:0], len(sp.keys))
	sp.keys, sp.room = radixSort(sp.keys, sp.room)
	for first := 0; first < n.k; {
		end := first + 1
		for end < len(sp.keys) && keyNearness(sp.keys[end-1])-keyNearness(sp.keys[end]) <= n.slack {
			end++
		}
		if near := sp.keys[first:end]; len(near) == 1 || alike != nil && alike(near) {
			for i, key := range near[:min(end, n.k)-first] {
				sp.found[first+i] = keyIndex(key)
			}
		} else {
			n.settle(sp, first, end, square)
		}
		first = end
	}
	return sp.found[:n.k]
}

// settle stores the rows at the keys [first, end), which are nearer than all
// after them.
func (n *nearest) settle(sp *space, first, end int, square func(index int32) float64) {
	sp.exact = sp.exact[:0]
	for _, key := range sp.keys[first:end] {
		sp.exact = append(sp.exact, exactly{square(keyIndex(key)), keyIndex(key)})
	}
	insertionSort(sp.exact)
	for i := range min(end, n.k) - first {
		sp.found[first+i] = sp.exact[i].index
	}
}

// sortKey has the larger nearness first.
func sortKey(nearness float32, index int32) uint64 {
	bits := math.Float32bits(nearness)
	if bits>>31 == 0 {
		bits = ^bits &^ (1 << 31)
	}
	return uint64(bits)<<32 | uint64(uint32(index))
}

func keyIndex(key uint64) int32 { return int32(uint32(key)) }

func keyNearness(key uint64) float32 {
	bits := uint32(key >> 32)
	if bits>>31 == 0 {
		bits = ^bits &^ (1 << 31)
	}
	return math.Float32frombits(bits)
}

// exactly is a candidate with its exact squared distance.
type exactly struct {
	square float64
	index  int32
}

func compareExactly(a, b exactly) int {
	return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.index, b.index))
}

// insertionSort sorts by square, then index, in as many steps as pairs are out of
// order, as few are; from too many on it leaves the rest to the library.
func insertionSort(x []exactly) {
	steps := 0
	for i := 1; i < len(x); i++ {
		for j := i; j > 0 && compareExactly(x[j], x[j-1]) < 0; j-- {
			x[j], x[j-1] = x[j-1], x[j]
			steps++
		}
		if steps > 16*len(x) {
			slices.SortFunc(x, compareExactly)
			return
		}
	}
}
