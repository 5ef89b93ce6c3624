package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSearches(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(14, uint64(kd)))
		for n := range 300 {
			x, labels := make([]float32, n), make([]int32, n)
			rare := 1 + rng.IntN(1+n)
			for i := range x {
				x[i] = -rng.Float32()
				if rng.IntN(rare) == 0 {
					x[i], labels[i] = rng.Float32(), 7
				}
				if rng.IntN(5) == 0 {
					x[i] = inf(-1)
				}
			}
			bound := float32(rng.IntN(3)-1) / 2
			if got, want := kd.largest(x), largestPortable(x); got != want {
				t.Fatalf("largest of %v: %g", x, got)
			}
			if got, want := kd.leastAbove(x, bound), leastAbovePortable(x, bound); got != want {
				t.Fatalf("least of %v above %g: %g", x, bound, got)
			}
			got, want := make([]int32, n+FindSlack), make([]int32, n+FindSlack)
			k, found := kd.findAbove(got, x, bound), findAbovePortable(want, x, bound)
			if !slices.Equal(got[:k], want[:found]) {
				t.Fatalf("places in %v above %g: %v", x, bound, got[:k])
			}
			bounds := randomFloats(rng, n)
			k, found = kd.findAboveEach(got, x, bounds), findAboveEachPortable(want, x, bounds)
			if !slices.Equal(got[:k], want[:found]) {
				t.Fatalf("places in %v above %v: %v", x, bounds, got[:k])
			}
			k, found = kd.findEqual(got, labels, 7), findEqualPortable(want, labels, 7)
			if !slices.Equal(got[:k], want[:found]) {
				t.Fatalf("places in %v of 7: %v", labels, got[:k])
			}
			if got, want := kd.countAbove(x, bound), countAbovePortable(x, bound); got != want {
				t.Fatalf("%d of %v above %g, want %d", got, x, bound, want)
			}
			y, z := randomFloats(rng, n), make([]float32, n)
			copy(z, y)
			if kd.markAbove(y, x, bound) != markAbovePortable(z, x, bound) || !slices.Equal(y, z) {
				t.Fatalf("counts in %v above %g", x, bound)
			}
			copy(z, x)
			kd.cut(x, bound)
			cutPortable(z, bound)
			if !slices.Equal(x, z) {
				t.Fatalf("cut at %g: %v, want %v", bound, x, z)
			}
		}
	})
}

func inf(sign int) float32 { return float32(math.Inf(sign)) }

func TestFindPanics(t *testing.T) {
	mustPanic(t, "find", "kernel: no room for the places and FindSlack", func() { FindAbove(make([]int32, 5), make([]float32, 4), 0) })
}

func FuzzSearches(f *testing.F) {
	f.Add([]byte{1, 200, 3}, byte(2))
	f.Add(make([]byte, 130), byte(0))
	f.Fuzz(func(t *testing.T, numbers []byte, bound byte) {
		n := len(numbers)
		x, labels := make([]float32, n), make([]int32, n)
		for i, b := range numbers {
			x[i], labels[i] = float32(int8(b)), int32(b)
			if b == 128 {
				x[i] = inf(-1)
			}
		}
		limit := float32(int8(bound))
		got, want := make([]int32, n+FindSlack), make([]int32, n+FindSlack)
		for kd := portable; kd <= native; kd++ {
			k, found := kd.findAbove(got, x, limit), findAbovePortable(want, x, limit)
			if !slices.Equal(got[:k], want[:found]) || kd.countAbove(x, limit) != found {
				t.Fatalf("%v: places above %g in %v: %v", kd, limit, x, got[:k])
			}
			k, found = kd.findEqual(got, labels, int32(bound)), findEqualPortable(want, labels, int32(bound))
			if !slices.Equal(got[:k], want[:found]) {
				t.Fatalf("%v: places of %d in %v: %v", kd, bound, labels, got[:k])
			}
			if kd.largest(x) != largestPortable(x) || kd.leastAbove(x, limit) != leastAbovePortable(x, limit) {
				t.Fatalf("%v: extremes of %v", kd, x)
			}
		}
	})
}
