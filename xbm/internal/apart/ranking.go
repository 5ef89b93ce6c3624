package apart

import (
	"cmp"
	"slices"
	"sort"

	"crossbatch/xbm/pair"
)

// Ranked is one positive of an anchor.
type Ranked struct {
	Sim float32
	Col int32
}

// Ranking holds an anchor's positives; sorted, from the most similar on, columns
// of one similarity in their order. A place in it is a positive's rank.
type Ranking []Ranked

// Add takes in the positives of a row.
func (k *Ranking) Add(r *pair.Row) {
	for _, p := range r.Pos {
		*k = append(*k, Ranked{Sim: p.Sim, Col: int32(r.Column(p.Col))})
	}
}

// Sort brings the positives into the order of their ranks.
func (k Ranking) Sort() { slices.SortFunc(k, compareRanked) }

// Rank finds a positive that was added; similarities are the same to the bit in
// every pass.
func (k Ranking) Rank(r *pair.Row, p pair.Positive) int {
	i, _ := slices.BinarySearchFunc(k, Ranked{Sim: p.Sim, Col: int32(r.Column(p.Col))}, compareRanked)
	return i
}

func compareRanked(a, b Ranked) int {
	if c := cmp.Compare(b.Sim, a.Sim); c != 0 {
		return c
	}
	return cmp.Compare(a.Col, b.Col)
}

// Aparts stores in dst how far apart the anchor's positives are, by rank: rising.
func (k Ranking) Aparts(dst []float64, euclidean bool, p *pair.Problem, anchor int) []float64 {
	r := pair.Row{Anchor: anchor, Problem: p}
	dst = dst[:0]
	for i, q := range k {
		x := r.Apart(euclidean, int(q.Col), q.Sim)
		if i > 0 {
			x = max(x, dst[i-1]) // rounding must not make it fall
		}
		dst = append(dst, x)
	}
	return dst
}

// FirstAbove is the first rank whose apart exceeds bound.
func FirstAbove(aparts []float64, bound float64) int {
	return sort.Search(len(aparts), func(i int) bool { return aparts[i] > bound })
}

// FirstFrom is the first rank whose apart is bound or more.
func FirstFrom(aparts []float64, bound float64) int {
	return sort.Search(len(aparts), func(i int) bool { return aparts[i] >= bound })
}
