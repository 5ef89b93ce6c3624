package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestTransposeTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(33, uint64(kd)))
		for range 300 {
			n, k := 1+rng.IntN(40), 1+rng.IntN(40)
			stride, ld := k+rng.IntN(3), n+rng.IntN(3)
			src := randomFloats(rng, (n-1)*stride+k)
			got := make([]float32, (k-1)*ld+n)
			want := make([]float32, len(got))
			kd.transpose(got, ld, src, stride, n, k)
			transposePortable(want, ld, src, stride, n, 0, k)
			if !sameBits(got, want) {
				t.Fatalf("%d×%d, %d and %d apart", n, k, stride, ld)
			}
		}
	})
	mustPanic(t, "short", "kernel: too short for Transpose", func() {
		Transpose(make([]float32, 11), 3, make([]float32, 12), 4, 3, 4)
	})
}
