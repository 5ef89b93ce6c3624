package eval

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/kernel"
)

func sieved(s *search) {
	s.sift()
	s.blocks(s.block)
}

// A sieve of bfloat16 loses none of the nearest, be rows equal, nearly equal, all on one
// side, tiny or huge.
func TestSieveEqualsFloat32(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 1))
	for i, n := range []int{2, 31, rowTile + 1, 700, 3*rowTile - 191} {
		dim, k := 1+rng.IntN(70), min(n-1, []int{1, 11, 60}[i%3])
		x := embeddingsWithTies(rng, n, dim)
		scale := []float32{1, 1e-21, 1e15}[(i+1)%3]
		kernel.Scale(x, scale, x)
		want := searched(t, x, dim, k, oneSided)
		for q, got := range searched(t, x, dim, k, sieved) {
			if !slices.Equal(got, want[q]) {
				t.Fatalf("%d×%d, k=%d, times %g: neighbours of %d are %v, want %v", n, dim, k, scale, q, got, want[q])
			}
		}
	}
}

// The slack is no less than twice what rounding can move a product by.
func TestCoarseSlack(t *testing.T) {
	s := search{dim: 2, queries: []float32{9, 9, 3, 4}, longest: 2, sieve: &sieve{}}
	s.sieve.Error = 0.5
	// 2·(0.25·2 + (5+0.25)·0.5)
	if got := s.coarseSlack(1, 0.25); !(got >= 6.25 && got < 6.2501) {
		t.Errorf("%g, want 6.25", got)
	}
}

// Numbers just between two of bfloat16, which rounding moves the farthest, and rows in
// whose order only the bits beyond it tell.
func TestSieveAgainstWorstRounding(t *testing.T) {
	const n, dim, k = 500, 40, 7
	rng := rand.New(rand.NewPCG(34, 1))
	x := make([]float32, n*dim)
	for i := range x {
		x[i] = 1 + 1.0/256 + float32(rng.IntN(3)-1)/(1<<20)
		if i/dim%2 == 0 && i%2 == 0 {
			x[i] = -x[i]
		}
	}
	want := searched(t, x, dim, k, oneSided)
	for q, got := range searched(t, x, dim, k, sieved) {
		if !slices.Equal(got, want[q]) {
			t.Fatalf("neighbours of %d are %v, want %v", q, got, want[q])
		}
	}
}
