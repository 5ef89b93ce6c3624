package eval

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRadixSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{0, 1, 299, 300, 1000, 5000} {
		keys := make([]uint64, n)
		for i := range keys {
			keys[i] = rng.Uint64() >> (rng.IntN(2) * 20) &^ (1<<32 - 1)
		}
		want := slices.Sorted(slices.Values(keys))
		if got, _ := radixSort(keys, make([]uint64, n)); !slices.Equal(got, want) {
			t.Errorf("%d keys are not sorted", n)
		}
	}
}
