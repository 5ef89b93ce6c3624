package xbm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/loss"
)

// The exact gradient is that of a memory which holds the fresh rows, and to take
// it changes nothing.
func TestComparisonIsAMemoryOfFreshRows(t *testing.T) {
	const dim, capacity = 5, 12
	for _, last := range []bool{false, true} {
		for seed := range uint64(10) {
			cross, plain, exact := newCrossBatch(t, capacity, dim), newCrossBatch(t, capacity, dim), newCrossBatch(t, capacity, dim)
			for _, c := range []*CrossBatch{cross, plain, exact} {
				c.EnqueueLast = last
				c.Loss = loss.NewMultiSimilarity()
			}
			rng := rand.New(rand.NewPCG(seed, 1))
			for step := range int64(5) {
				b := randomBatch(rng, 1+rng.IntN(6), dim, step)
				add(t, cross, b)
				add(t, plain, b)
				// The same images, embedded by another network.
				b.Embeddings, _, _ = randomRows(rng, len(b.Labels), dim)
				add(t, exact, b)
			}
			b := randomBatch(rng, 4, dim, 5)
			compare := &Comparison{Fresh: slices.Clone(exact.Memory.Rows()), Loss: loss.NewMultiSimilarity()}
			_, got := add(t, cross, b, compare)
			_, want := add(t, plain, b)
			_, fresh := add(t, exact, b)
			if !slices.Equal(got, want) || string(state(t, cross.Memory)) != string(state(t, plain.Memory)) {
				t.Fatal("comparing changes the training")
			}
			if !slices.Equal(compare.Stored, want) {
				t.Errorf("enqueue last %v, seed %d: the gradient of the stored rows is %v, want %v", last, seed, compare.Stored, want)
			}
			for i, x := range compare.Exact {
				if d := x - fresh[i]; d > 1e-6 || d < -1e-6 { // rows are normalised once more
					t.Fatalf("enqueue last %v, seed %d: the exact gradient is %v, want %v", last, seed, compare.Exact, fresh)
				}
			}
		}
	}
}
