package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestVectorTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(6, uint64(kd)))
		for n := range 300 {
			a, b := randomFloats(rng, n), randomFloats(rng, n)
			alpha := float32(rng.NormFloat64())
			var sum, size float64
			added, scaled := make([]float32, n), make([]float32, n)
			kd.scale(scaled, alpha, a)
			copy(added, b)
			kd.axpy(added, alpha, a)
			for i := range n {
				term := float64(a[i]) * float64(b[i])
				sum += term
				size += math.Abs(term)
				if scaled[i] != alpha*a[i] {
					t.Fatalf("scale %d of %d: %v", i, n, scaled[i])
				}
				// Fused or not: two roundings at most.
				product := float64(alpha) * float64(a[i])
				bound := 0x1p-23 * (math.Abs(product) + math.Abs(float64(b[i])))
				if math.Abs(float64(added[i])-product-float64(b[i])) > bound {
					t.Fatalf("axpy %d of %d: %v", i, n, added[i])
				}
			}
			square := squaredDistancePortable(a, b)
			if got := kd.squaredDistance(a, b); math.Abs(got-square) > 1e-14*square {
				t.Fatalf("squared distance of %d: %v, want %v", n, got, square)
			}
			if got := kd.dot(a, b); math.Abs(float64(got)-sum) > float64(n+1)*0x1p-23*size {
				t.Fatalf("dot of %d: %v, want %v", n, got, sum)
			}
		}
	})
}

// The vectors around the slices stay as they are.
func TestVectorBounds(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		for n := range 150 {
			whole := make([]float32, n+64)
			for i := range whole {
				whole[i] = nan
			}
			x, dst := make([]float32, n), whole[32:32+n]
			clear(dst)
			kd.axpy(dst, 2, x)
			kd.scale(dst, 2, dst)
			if s := kd.dot(dst, x); s != 0 {
				t.Fatalf("dot of %d zeros: %v", n, s)
			}
			for i, v := range whole {
				if inside := i >= 32 && i < 32+n; inside != (v == 0) {
					t.Fatalf("length %d: element %d is %v", n, i-32, v)
				}
			}
		}
	})
}

func TestVectorPanics(t *testing.T) {
	a, b := make([]float32, 3), make([]float32, 4)
	mustPanic(t, "dot", "kernel: slices of different lengths in Dot", func() { Dot(a, b) })
	mustPanic(t, "axpy", "kernel: slices of different lengths in Axpy", func() { Axpy(b, 1, a) })
	mustPanic(t, "scale", "kernel: slices of different lengths in Scale", func() { Scale(b, 1, a) })
}

func TestSumSquares(t *testing.T) {
	if got := SumSquares([]float32{3, -4, 12}); got != 169 {
		t.Errorf("got %v", got)
	}
}
