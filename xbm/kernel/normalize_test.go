package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestNormalizeRows(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(7, uint64(kd)))
		for _, dim := range []int{1, 2, 3, 16, 100, 128} {
			// Lengths for the float32 path, the float64 path on either side, and zero.
			scales := []float32{1, 1e-3, 1e10, 1e-30, 1e25, 0}
			rows := 400 // with dim 128 more than one goroutine's share
			x := randomFloats(rng, rows*dim)
			for i := range rows {
				kd.scale(x[i*dim:][:dim], scales[i%len(scales)], x[i*dim:][:dim])
			}
			dst, norms := make([]float32, len(x)), make([]float32, rows)
			kd.normalizeRows(dst, norms, x, dim)
			for i := range rows {
				var squares float64
				for _, v := range x[i*dim:][:dim] {
					squares += float64(v) * float64(v)
				}
				norm := math.Sqrt(squares)
				const tolerance = 1e-5 // a sum of 128 squares, a root, a division
				if math.Abs(float64(norms[i])-norm) > tolerance*norm {
					t.Fatalf("dim %d row %d: norm %v, want %v", dim, i, norms[i], norm)
				}
				for j, v := range dst[i*dim:][:dim] {
					want := 0.0
					if norm > 0 {
						want = float64(x[i*dim+j]) / norm
					}
					if !(math.Abs(float64(v)-want) <= tolerance) {
						t.Fatalf("dim %d element (%d, %d) = %v, want %v", dim, i, j, v, want)
					}
				}
			}
			kd.normalizeRows(x, norms, x, dim)
			if !sameBits(x, dst) {
				t.Errorf("dim %d: in place differs", dim)
			}
		}
	})
}

func TestNormalizeRowsPanics(t *testing.T) {
	x := make([]float32, 6)
	mustPanic(t, "dst", "kernel: slices of different lengths in NormalizeRows", func() { NormalizeRows(x[:4], x[:2], x, 3) })
	const want = "kernel: NormalizeRows wants a norm for every row"
	mustPanic(t, "norms", want, func() { NormalizeRows(x, x[:3], x, 3) })
	mustPanic(t, "dim", want, func() { NormalizeRows(x, nil, x, 0) })
}
