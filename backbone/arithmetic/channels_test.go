package arithmetic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestChannelTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(44, uint64(kd)))
		for n := 1; n < 150; n++ {
			rows := 1 + rng.IntN(5)
			x, y, g := randomFloats(rng, rows*n), randomFloats(rng, rows*n), randomFloats(rng, rows*n)
			if rng.IntN(2) == 0 {
				y = nil
			}
			var p [6][]float32 // one number for each channel
			for i := range p {
				p[i] = randomFloats(rng, n)
			}
			rowsOut := make([]float32, rows*n)
			for _, f := range []struct {
				name       string
				got, plain func(sums, products, dst []float32)
			}{
				{"sums", func(a, _, _ []float32) { kd.channelSums(a, x) }, func(a, _, _ []float32) { channelSumsPortable(a, x) }},
				{"squares", func(a, _, _ []float32) { kd.channelSquares(a, x, p[0]) }, func(a, _, _ []float32) { channelSquaresPortable(a, x, p[0]) }},
				{"products", func(a, b, _ []float32) { kd.channelProducts(a, b, g, x, y, p[0]) }, func(a, b, _ []float32) { channelProductsPortable(a, b, g, x, y, p[0]) }},
				{"affine", func(_, _, d []float32) { kd.channelAffine(d, x, p[0], p[1], p[2], 0.5) }, func(_, _, d []float32) { channelAffinePortable(d, x, p[0], p[1], p[2], 0.5) }},
				{"combine", func(_, _, d []float32) { kd.channelCombine(d, g, x, y, p[0], p[1], p[2], p[3]) }, func(_, _, d []float32) { channelCombinePortable(d, g, x, y, p[0], p[1], p[2], p[3]) }},
				{"multiply add", func(_, _, d []float32) { kd.multiplyAdd(d, g, x) }, func(_, _, d []float32) { multiplyAddPortable(d, g, x) }},
			} {
				got := [3][]float32{slices.Clone(p[4]), slices.Clone(p[5]), slices.Clone(rowsOut)}
				want := [3][]float32{slices.Clone(p[4]), slices.Clone(p[5]), slices.Clone(rowsOut)}
				f.got(got[0], got[1], got[2])
				f.plain(want[0], want[1], want[2])
				for k := range want {
					for i, w := range want[k] {
						if math.Abs(float64(got[k][i]-w)) > 1e-5*(1+math.Abs(float64(w))) {
							t.Fatalf("%s of %d×%d, array %d, element %d: %g, want %g", f.name, rows, n, k, i, got[k][i], w)
						}
					}
				}
			}
		}
	})
	mustPanic(t, "rows", "arithmetic: no whole rows in ChannelSums", func() { ChannelSums(make([]float32, 3), make([]float32, 7)) })
	mustPanic(t, "lengths", "arithmetic: slices of different lengths in ChannelAffine", func() {
		x := make([]float32, 6)
		ChannelAffine(x, x, x[:3], x[:3], x[:2], 0)
	})
}
