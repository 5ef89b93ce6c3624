package pair

import (
	"cmp"
	"slices"
	"sort"
)

// ranked is one positive of an anchor.
type ranked struct {
	sim float32
	col int32
}

// ranking holds an anchor's positives; sorted, from the most similar on, columns
// of one similarity in their order. A place in it is a positive's rank.
type ranking []ranked

func (k *ranking) add(r *Row) {
	for _, p := range r.Pos {
		*k = append(*k, ranked{sim: p.Sim, col: int32(r.column(p.Col))})
	}
}

func (k ranking) sort() { slices.SortFunc(k, compareRanked) }

// rank finds a positive that was added; similarities are the same to the bit in
// every pass.
func (k ranking) rank(r *Row, p Positive) int {
	i, _ := slices.BinarySearchFunc(k, ranked{sim: p.Sim, col: int32(r.column(p.Col))}, compareRanked)
	return i
}

func compareRanked(a, b ranked) int {
	if c := cmp.Compare(b.sim, a.sim); c != 0 {
		return c
	}
	return cmp.Compare(a.col, b.col)
}

// aparts stores in dst how far apart the anchor's positives are, by rank: rising.
func (k ranking) aparts(dst []float64, euclidean bool, p *Problem, anchor int) []float64 {
	r := Row{Anchor: anchor, problem: p}
	dst = dst[:0]
	for i, q := range k {
		x := r.apart(euclidean, int(q.col), q.sim)
		if i > 0 {
			x = max(x, dst[i-1]) // rounding must not make it fall
		}
		dst = append(dst, x)
	}
	return dst
}

// firstAbove is the first rank whose apart exceeds bound.
func firstAbove(aparts []float64, bound float64) int {
	return sort.Search(len(aparts), func(i int) bool { return aparts[i] > bound })
}

// firstFrom is the first rank whose apart is bound or more.
func firstFrom(aparts []float64, bound float64) int {
	return sort.Search(len(aparts), func(i int) bool { return aparts[i] >= bound })
}
