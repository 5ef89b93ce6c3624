package index

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"crossbatch/eval"
)

// Neighbor is a row that is near a query.
type Neighbor struct {
	Row        int     `json:"row"`
	Distance   float64 `json:"distance"`   // ‖a-b‖
	Similarity float64 `json:"similarity"` // cosine, from -1 to 1
}

// Filter says which rows may be neighbours. The zero value allows all. A group
// includes those below it: "shoes" includes "shoes/boots".
type Filter struct {
	Groups    []string // only rows of these; nil: of any
	NotGroups []string // no rows of these
	NotRows   []int    // not these rows
}

func (f Filter) isEmpty() bool { return len(f.Groups)+len(f.NotGroups)+len(f.NotRows) == 0 }

// grouping is the groups of all rows.
type grouping struct {
	names []string // of the groups, in the order of their first row
	of    []int32  // group of each row
	err   error
}

func (x *Index) readGroups() (g grouping) {
	number := map[string]int32{}
	g.of = make([]int32, x.Rows())
	for row := range g.of {
		p := decodePlace(x.mapped[placesFile][row*placeSize:])
		name, ok := slice(x.mapped[namesFile], p.name+uint64(p.nameBytes), p.groupBytes)
		if !ok {
			return grouping{err: fmt.Errorf("index: %s: %w: the group of row %d is not there", x.dir, ErrCorrupt, row)}
		}
		k, known := number[string(name)]
		if !known {
			k = int32(len(g.names))
			number[string(name)] = k
			g.names = append(g.names, string(name))
		}
		g.of[row] = k
	}
	return g
}

// Groups are the groups of the rows that are not removed, in the order of their
// names, and how many rows each has.
func (x *Index) Groups() ([]string, []int, error) {
	g := x.groups()
	if g.err != nil {
		return nil, nil, g.err
	}
	counts := make([]int, len(g.names))
	for row, k := range g.of {
		if x.Has(row) {
			counts[k]++
		}
	}
	var order []int
	for k, n := range counts {
		if n > 0 {
			order = append(order, k)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(g.names[a], g.names[b]) })
	names, sizes := make([]string, len(order)), make([]int, len(order))
	for i, k := range order {
		names[i], sizes[i] = g.names[k], counts[k]
	}
	return names, sizes, nil
}

// NamesIn are the names of the rows of these groups, and of those below them, in the
// index in dir, in the order of the rows.
func NamesIn(dir string, groups []string) (names []string, err error) {
	x, err := Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if err := x.CheckFilter(Filter{Groups: groups}); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	err = x.each(func(_, _ int, it Item, _ []float32) error {
		if isIn(it.Group, groups) {
			names = append(names, it.Name)
		}
		return nil
	})
	return names, err
}

// CheckFilter returns an error that names a group of the filter that the index has
// not.
func (x *Index) CheckFilter(f Filter) error {
	if len(f.Groups)+len(f.NotGroups) == 0 {
		return nil
	}
	g := x.groups()
	if g.err != nil {
		return g.err
	}
	for _, name := range slices.Concat(f.Groups, f.NotGroups) {
		if !slices.ContainsFunc(g.names, func(group string) bool { return isIn(group, []string{name}) }) {
			return fmt.Errorf("there is no group %q", name)
		}
	}
	return nil
}

// isIn tells whether a group is one of some, or below one.
func isIn(group string, some []string) bool {
	return slices.ContainsFunc(some, func(name string) bool { return group == name || strings.HasPrefix(group, name+"/") })
}

// filtered is the gallery of the rows that f lets.
func (x *Index) filtered(f Filter) (eval.Gallery, error) {
	gallery := x.gallery
	if f.isEmpty() {
		return gallery, nil
	}
	out := float32(math.Inf(-1))
	gallery.HalfSquares = slices.Clone(gallery.HalfSquares)
	if len(f.Groups)+len(f.NotGroups) > 0 {
		g := x.groups()
		if g.err != nil {
			return gallery, g.err
		}
		lets := make([]bool, len(g.names))
		for k, name := range g.names {
			lets[k] = (f.Groups == nil || isIn(name, f.Groups)) && !isIn(name, f.NotGroups)
		}
		if err := x.CheckFilter(f); err != nil {
			return gallery, fmt.Errorf("index: %w", err)
		}
		for row, k := range g.of {
			if !lets[k] {
				gallery.HalfSquares[row] = out
			}
		}
	}
	for _, row := range f.NotRows {
		if row >= 0 && row < len(gallery.HalfSquares) {
			gallery.HalfSquares[row] = out
		}
	}
	return gallery, nil
}

// Search returns the k rows that are nearest to each query (n×Dim, row-major),
// nearest first, equal distances by row; fewer where the filter allows fewer. k of
// less than 0, numbers that are not finite and groups that the index has not are
// errors.
func (x *Index) Search(queries []float32, k int, f Filter) ([][]Neighbor, error) {
	gallery, err := x.filtered(f)
	if err != nil {
		return nil, err
	}
	dim := gallery.Dim
	for i, v := range queries {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("index: query %d has %v in it", i/dim, v)
		}
	}
	found := make([][]Neighbor, len(queries)/dim)
	if k = min(k, gallery.Live()); k < 0 {
		return nil, fmt.Errorf("index: %d neighbours: give 0 or more", k)
	}
	rows := sync.Pool{New: func() any { return new(make([]float32, dim)) }}
	err = gallery.Search(queries, k, func(q int, nearest []int32) {
		room := rows.Get().(*[]float32)
		defer rows.Put(room)
		query, list := queries[q*dim:(q+1)*dim], make([]Neighbor, len(nearest))
		for i, row := range nearest {
			_ = x.Embedding(*room, int(row)) // it is there
			list[i] = compare(query, *room)
			list[i].Row = int(row)
		}
		found[q] = list
	})
	return found, err
}

// compare is a neighbour's distance and similarity.
func compare(a, b []float32) Neighbor {
	var ab, aa, bb, square float64
	for i, v := range a {
		u, w := float64(v), float64(b[i])
		ab, aa, bb = ab+u*w, aa+u*u, bb+w*w
		square += (u - w) * (u - w)
	}
	n := Neighbor{Distance: math.Sqrt(square)}
	if aa > 0 && bb > 0 {
		n.Similarity = max(-1, min(1, ab/math.Sqrt(aa*bb)))
	}
	return n
}

// Pair is two rows that are near each other.
type Pair struct {
	A, B       int // A < B
	Distance   float64
	Similarity float64
}

// Duplicates returns the pairs of rows that are no farther apart than distance,
// nearest first, then by row. pairs has no more than most of them; total counts all.
// For rows of length 1, a similarity of s is a distance of √(2-2s).
func (x *Index) Duplicates(distance float64, most int, f Filter) (pairs []Pair, total int, err error) {
	if !(distance >= 0) || most < 0 {
		return nil, 0, fmt.Errorf("index: pairs within %v, at most %d: give 0 or more", distance, most)
	}
	gallery, err := x.filtered(f)
	if err != nil {
		return nil, 0, err
	}
	var mu sync.Mutex
	var nearest farthestFirst
	err = gallery.Pairs(distance, func(p eval.Pair) {
		mu.Lock()
		defer mu.Unlock()
		total++
		switch {
		case len(nearest) < most:
			heap.Push(&nearest, p)
		case most > 0 && comparePairs(p, nearest[0]) < 0:
			nearest[0] = p
			heap.Fix(&nearest, 0)
		}
	})
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(nearest, comparePairs)
	a, b := make([]float32, gallery.Dim), make([]float32, gallery.Dim)
	for _, p := range nearest {
		if err := x.Embedding(a, int(p.A)); err != nil {
			return nil, 0, err
		}
		if err := x.Embedding(b, int(p.B)); err != nil {
			return nil, 0, err
		}
		n := compare(a, b)
		pairs = append(pairs, Pair{int(p.A), int(p.B), n.Distance, n.Similarity})
	}
	return pairs, total, nil
}

func comparePairs(p, q eval.Pair) int {
	return cmp.Or(cmp.Compare(p.Square, q.Square), cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B))
}

// farthestFirst is a heap of pairs.
type farthestFirst []eval.Pair

func (h farthestFirst) Len() int           { return len(h) }
func (h farthestFirst) Less(i, j int) bool { return comparePairs(h[i], h[j]) > 0 }
func (h farthestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *farthestFirst) Push(v any)        { *h = append(*h, v.(eval.Pair)) }
func (h *farthestFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
