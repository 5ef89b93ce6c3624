package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A product with a packed matrix has the bits of the one without, and leaves what lies
// between the rows of c alone.
func TestPackedProductIsTheProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 1))
	for range 300 {
		m, n, k := rng.IntN(40), rng.IntN(100), rng.IntN(700)
		a := Mat{Data: randomFloats(rng, m*k+(m+k)*3), Stride: k + rng.IntN(3)}
		b := Mat{Data: randomFloats(rng, n*k+(n+k)*3), Stride: n + rng.IntN(3)}
		if rng.IntN(2) == 0 {
			a = Mat{Data: randomFloats(rng, m*k+(m+k)*3), Stride: m + rng.IntN(3), Trans: true}
		}
		if rng.IntN(2) == 0 {
			b = Mat{Data: randomFloats(rng, n*k+(n+k)*3), Stride: k + rng.IntN(3), Trans: true}
		}
		beta := [...]float32{0, 1, -0.5}[rng.IntN(3)]
		stride := n + rng.IntN(3)
		got := randomFloats(rng, m*stride)
		want := slices.Clone(got)
		packed := make([]float32, PackedSize(k, n))
		Pack(packed, k, n, b)
		GemmPacked(m, n, k, a, packed, beta, Mat{Data: got, Stride: stride})
		GemmSerial(m, n, k, 1, a, b, beta, Mat{Data: want, Stride: stride})
		if !sameBits(got, want) {
			t.Fatalf("%d×%d×%d with beta %g: other bits than Gemm's", m, k, n, beta)
		}
	}
	for name, f := range map[string]func(){
		"packed": func() {
			GemmPacked(1, 1, 2, Mat{Data: make([]float32, 2), Stride: 2}, nil, 0, Mat{Data: make([]float32, 1), Stride: 1})
		},
		"pack": func() { Pack(nil, 1, 1, Mat{Data: make([]float32, 1), Stride: 1}) },
	} {
		mustPanic(t, name, "kernel: packed is too short", f)
	}
}
