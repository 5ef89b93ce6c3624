package eval

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"crossbatch/xbm/kernel"
)

// plainly is the twin of a gallery's search: all distances in float64, sorted.
func plainly(query, rows []float32, dim, k int, out func(row int) bool) []int32 {
	var all []exactly
	for i := range len(rows) / dim {
		if !out(i) {
			all = append(all, exactly{kernel.SquaredDistance(query, rows[i*dim:(i+1)*dim]), int32(i)})
		}
	}
	slices.SortFunc(all, compareExactly)
	found := make([]int32, k)
	for i := range found {
		found[i] = all[i].index
	}
	return found
}

// tiedRows are rows of length 1, some of them equal and some nearly.
func tiedRows(rng *rand.Rand, n, dim int) []float32 {
	x := make([]float32, n*dim)
	for i := range n {
		row := x[i*dim : (i+1)*dim]
		if from := rng.IntN(i + 1); from < i && rng.IntN(3) == 0 {
			copy(row, x[from*dim:(from+1)*dim])
			if rng.IntN(2) == 0 {
				row[rng.IntN(dim)] += 1e-7
			}
			continue
		}
		for c := range row {
			row[c] = float32(rng.NormFloat64())
		}
		kernel.Scale(row, 1/float32(math.Sqrt(float64(kernel.SumSquares(row)))), row)
	}
	return x
}

func TestGallerySearchesAsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 4))
	for _, n := range []int{1, 50, 3000, fewRows + 77} {
		for _, half := range []bool{false, true} {
			for _, queries := range []int{1, 3, 9, 200} {
				const dim = 24
				g := Gallery{Dim: dim, Rows: tiedRows(rng, n, dim), HalfSquares: make([]float32, n)}
				rows := g.Rows
				if half {
					g.Half, g.Rows = make([]uint16, len(rows)), nil
					kernel.ToHalf(g.Half, rows)
					kernel.FromHalf(rows, g.Half)
				}
				g.Longest = HalfSquares(g.HalfSquares, rows, dim)
				for i := range n - 1 {
					if rng.IntN(4) == 0 {
						g.HalfSquares[i] = float32(math.Inf(-1))
					}
				}
				out := func(i int) bool { return math.IsInf(float64(g.HalfSquares[i]), -1) }
				q := tiedRows(rng, queries, dim)
				for i := range queries {
					if rng.IntN(2) == 0 {
						copy(q[i*dim:(i+1)*dim], rows[rng.IntN(n)*dim:])
					}
				}
				k := min(g.Live(), 1+rng.IntN(40))
				seen := make([]bool, queries)
				var mu sync.Mutex
				err := g.Search(q, k, func(query int, nearest []int32) {
					want := plainly(q[query*dim:(query+1)*dim], rows, dim, k, out)
					mu.Lock()
					defer mu.Unlock()
					if seen[query] {
						t.Errorf("query %d came twice", query)
					}
					seen[query] = true
					if !slices.Equal(nearest, want) {
						t.Errorf("%d rows, half %v, %d queries: %v, want %v", n, half, queries, nearest, want)
					}
				})
				if err != nil || slices.Contains(seen, false) {
					t.Fatalf("%d rows, %d queries: %v, seen %v", n, queries, err, seen)
				}
			}
		}
	}
}

func TestGalleryRefuses(t *testing.T) {
	g := Gallery{Dim: 2, Rows: []float32{1, 0, 0, 1}, HalfSquares: []float32{-.5, float32(math.Inf(-1))}, Longest: 1}
	nothing := func(int, []int32) {}
	if err := g.Search([]float32{1, 0}, 2, nothing); err == nil {
		t.Error("two neighbours of one row that is there")
	}
	if err := g.Search([]float32{1}, 1, nothing); err == nil {
		t.Error("a query of another length")
	}
	for _, wrong := range []Gallery{{}, {Dim: 2, Rows: g.Rows, Half: make([]uint16, 4)}, {Dim: 3, Rows: g.Rows, HalfSquares: g.HalfSquares}} {
		if err := wrong.Search(nil, 0, nothing); err == nil {
			t.Errorf("%+v is no gallery", wrong)
		}
	}
}

func TestPairsAreAllThatAreNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	const n, dim = 700, 12
	rows := tiedRows(rng, n, dim)
	half := make([]uint16, len(rows))
	kernel.ToHalf(half, rows)
	kernel.FromHalf(rows, half)
	g := Gallery{Dim: dim, Rows: rows, HalfSquares: make([]float32, n)}
	g.Longest = HalfSquares(g.HalfSquares, rows, dim)
	g.HalfSquares[3], g.HalfSquares[500] = float32(math.Inf(-1)), float32(math.Inf(-1))
	for _, distance := range []float64{0, 1e-6, 0.3, 0.8} {
		var want []Pair
		for a := range n {
			for b := a + 1; b < n; b++ {
				square := kernel.SquaredDistance(rows[a*dim:(a+1)*dim], rows[b*dim:(b+1)*dim])
				if square <= distance*distance && a != 3 && b != 3 && a != 500 && b != 500 {
					want = append(want, Pair{int32(a), int32(b), square})
				}
			}
		}
		for _, in16 := range []bool{false, true} {
			if in16 {
				g.Half, g.Rows = half, nil
			}
			var got []Pair
			var mu sync.Mutex
			err := g.Pairs(distance, func(p Pair) { mu.Lock(); got = append(got, p); mu.Unlock() })
			slices.SortFunc(got, func(a, b Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("within %g, half %v: %d pairs, want %d (%v)", distance, in16, len(got), len(want), err)
			}
			g.Rows, g.Half = rows, nil
		}
	}
}

func TestGalleriesOfOtherSizesAreRefused(t *testing.T) {
	for want, g := range map[string]Gallery{
		"eval: 3 numbers in a gallery of 2 rows of 2": {Dim: 2, Rows: make([]float32, 3), HalfSquares: make([]float32, 2)},
		"eval: 5 numbers in a gallery of 2 rows of 2": {Dim: 2, Half: make([]uint16, 5), HalfSquares: make([]float32, 2)},
		"eval: a gallery of rows of 0 numbers":        {},
	} {
		if err := g.Pairs(1, func(Pair) {}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
