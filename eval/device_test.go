package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"crossbatch/xbm/kernel"
)

// fakeDevice finds all live rows within a little more than the k-th distance, in no
// order; or refuses, or finds too few.
type fakeDevice struct {
	taken         atomic.Int64
	refuses, lies bool
}

func (d *fakeDevice) Candidates(g Gallery, queries []float32, k int, found func(query int, rows []int32)) bool {
	if d.refuses {
		return false
	}
	d.taken.Add(1)
	kernel.Parallel(len(queries)/g.Dim, func(q int) {
		query := queries[q*g.Dim : (q+1)*g.Dim]
		out := func(i int) bool { return math.IsInf(float64(g.HalfSquares[i]), -1) }
		nearest := plainly(query, g.Rows, g.Dim, min(g.Live(), k+3), out)
		slices.Reverse(nearest)
		if d.lies {
			nearest = nearest[:0]
		}
		found(q, nearest)
	})
	return true
}

// A search with a device is the search without.
func TestDeviceTakesTheSearch(t *testing.T) {
	const n, dim, queries = 300, 8, 20
	rng := rand.New(rand.NewPCG(2, 5))
	g := Gallery{Dim: dim, Rows: tiedRows(rng, n, dim), HalfSquares: make([]float32, n)}
	g.Longest = HalfSquares(g.HalfSquares, g.Rows, dim)
	g.HalfSquares[7] = float32(math.Inf(-1))
	q := tiedRows(rng, queries, dim)
	search := func(g Gallery, k int) [][]int32 {
		all := make([][]int32, queries)
		if err := g.Search(q, k, func(query int, nearest []int32) { all[query] = slices.Clone(nearest) }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for _, k := range []int{0, 1, 10, n - 1} {
		for _, refuses := range []bool{false, true} {
			device := &fakeDevice{refuses: refuses}
			on := g
			on.Device = device
			got, want := search(on, k), search(g, k)
			for i := range want {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("k %d, refused %v, query %d: %v, want %v", k, refuses, i, got[i], want[i])
				}
			}
			if (device.taken.Load() == 1) != (k > 0 && !refuses) {
				t.Errorf("k %d, refused %v: taken %d times", k, refuses, device.taken.Load())
			}
		}
	}
	g.Device = &fakeDevice{lies: true}
	if err := g.Search(q, 3, func(int, []int32) {}); err == nil || !strings.Contains(err.Error(), "fewer than 3 rows") {
		t.Errorf("a device that finds too few: %v", err)
	}
}
