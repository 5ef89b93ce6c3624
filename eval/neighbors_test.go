package eval

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// More embeddings than a tile, more neighbours than a list holds before it is
// cut, and ties among them.
func TestSearchOverManyTiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for range 8 {
		n, dim := 500+rng.IntN(700), 1+rng.IntN(20)
		x := embeddingsWithTies(rng, n, dim)
		want := naive(x, dim)
		for _, k := range []int{3, 150, n - 1} {
			var lock sync.Mutex
			visits := make([]int, n)
			err := Search(x, dim, k, func(q int, nearest []int32) {
				lock.Lock()
				defer lock.Unlock()
				visits[q]++
				if !slices.Equal(nearest, want[q][:k]) {
					t.Errorf("%d×%d, k=%d: neighbours of %d are %v, want %v", n, dim, k, q, nearest, want[q][:k])
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for q, times := range visits {
				if times != 1 {
					t.Fatalf("query %d was visited %d times", q, times)
				}
			}
		}
	}
}

func TestSortKeys(t *testing.T) {
	order := []struct {
		nearness float32
		index    int32
	}{{3e30, 5}, {2, 9}, {1, 3}, {1, 4}, {1e-30, 0}, {-1e-30, 1}, {-1, 2}, {-7e20, 0}}
	for i, a := range order[1:] {
		if sortKey(order[i].nearness, order[i].index) >= sortKey(a.nearness, a.index) {
			t.Errorf("%v does not come before %v", order[i], a)
		}
	}
}
