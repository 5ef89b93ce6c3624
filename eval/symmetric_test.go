package eval

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// searched are the neighbours that a way to search finds, and how often each query was
// visited.
func searched(t *testing.T, x []float32, dim, k int, way func(s *search)) [][]int32 {
	t.Helper()
	var lock sync.Mutex
	found := make([][]int32, len(x)/dim)
	s := search{queries: x, gallery: x, dim: dim, k: k, same: true, others: len(found) - 1, own: func(q int) int { return q }}
	s.visit = func(q int, nearest []int32) {
		lock.Lock()
		defer lock.Unlock()
		if found[q] != nil {
			t.Errorf("query %d was visited twice", q)
		}
		found[q] = slices.Clone(nearest)
	}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	way(&s)
	return found
}

func oneSided(s *search) { s.blocks(s.block) }

func TestMirrorEqualsOneSided(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rng := rand.New(rand.NewPCG(21, 5))
	for i, n := range []int{13, rowTile, rowTile + 1, 2 * rowTile, 3*rowTile - 191} {
		dim, k, threads := 1+rng.IntN(24), []int{1, 11, min(n-1, 150)}[i%3], 1+i%2*2
		x := embeddingsWithTies(rng, n, dim)
		want := searched(t, x, dim, k, oneSided)
		runtime.GOMAXPROCS(threads)
		got := searched(t, x, dim, k, func(s *search) {
			if !s.mirror(math.MaxInt) {
				t.Fatal("no room")
			}
		})
		for q := range want {
			if !slices.Equal(got[q], want[q]) {
				t.Fatalf("%d×%d, k=%d, %d threads: neighbours of %d are %v, want %v", n, dim, k, threads, q, got[q], want[q])
			}
		}
	}
}

// Where all rows are alike, every row is a candidate of every other: that is left to
// the way that keeps few lists at a time.
func TestMirrorGivesUpWithoutRoom(t *testing.T) {
	const n, dim, k = 1000, 3, 5
	x := make([]float32, n*dim)
	found := searched(t, x, dim, k, func(s *search) {
		if s.mirror(2 * n * listed(k)) {
			t.Error("1,000 equal rows fit in lists of a few")
		}
	})
	for q := range found {
		if found[q] != nil {
			t.Fatalf("query %d was visited", q)
		}
	}
}

// Search takes each product once where rows are many, and finds the same.
func TestSearchMirrors(t *testing.T) {
	if testing.Short() {
		t.Skip("searches thousands of rows twice")
	}
	const n, dim, k = symmetricRows + 5, 8, 11
	x := embeddingsWithTies(rand.New(rand.NewPCG(4, 4)), n, dim)
	want := searched(t, x, dim, k, oneSided)
	got, err := Neighbors(x, dim, k)
	if err != nil {
		t.Fatal(err)
	}
	for q := range want {
		if !slices.Equal(got[q*k:(q+1)*k], want[q]) {
			t.Fatalf("neighbours of %d are %v, want %v", q, got[q*k:(q+1)*k], want[q])
		}
	}
}
