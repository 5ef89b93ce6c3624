package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestTranspose(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(5, uint64(kd)))
		for range 300 {
			n, k := 1+rng.IntN(70), 1+rng.IntN(40)
			stride, ld := k+rng.IntN(9), n+rng.IntN(9)
			src := randomFloats(rng, (n-1)*stride+k)
			dst := randomFloats(rng, (k-1)*ld+n)
			want := append([]float32(nil), dst...)
			for j := range n {
				for l := range k {
					want[l*ld+j] = src[j*stride+l]
				}
			}
			kd.transpose(dst, ld, src, stride, n, k)
			if !sameBits(dst, want) {
				t.Fatalf("%d rows of %d, strides %d and %d", n, k, stride, ld)
			}
		}
	})
}
