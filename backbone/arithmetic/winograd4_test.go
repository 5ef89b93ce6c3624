package arithmetic

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/kernel"
)

func TestWinograd4Twins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(33, uint64(kd)))
		for n := range 70 {
			for _, m := range winogradMaps {
				size, in := m.sizes(4)
				count := 1 + rng.IntN(4)
				src, got := randomSquares(rng, in, n, count), randomSquares(rng, size, n, count)
				if m == filterTile { // turned by half a circle
					src.From = 2*src.Row + 2*src.Col
					src.Row, src.Col = -src.Row, -src.Col
				}
				want := got
				want.Data = append([]float32{}, got.Data...)
				kd.winograd(m, 4, got, src, n, count)
				winogradPortable(m, 4, want, src, n, count)
				for i, v := range want.Data {
					if math.Abs(float64(got.Data[i]-v)) > 2e-5*(1+math.Abs(float64(v))) {
						t.Fatalf("map %d of %d: element %d is %g, want %g", m, n, i, got.Data[i], v)
					}
				}
			}
		}
	})
	mustPanic(t, "short", "arithmetic: squares too short: dst", func() {
		WinogradOutput(4, Squares{Data: make([]float32, 20), Row: 6, Col: 2}, Squares{Data: make([]float32, 144), Row: 24, Col: 4}, 4, 1)
	})
	mustPanic(t, "no such tiles", "arithmetic: tiles are of 2×2 or 4×4", func() { WinogradImage(3, Squares{}, Squares{}, 0, 0) })
	mustPanic(t, "before the first", "arithmetic: squares too short: src", func() {
		WinogradFilter(4, Squares{Data: make([]float32, 36), Row: 6, Col: 1}, Squares{Data: make([]float32, 9), Row: -3, Col: 1}, 1, 1)
	})
}

// The 36 products are the cross-correlation of 6×6 and 3×3, and each gradient's map is
// the transpose of the map it is named for.
func TestWinograd4Correlates(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 1))
	for range 50 {
		d, g, y := randomFloats(rng, 36), randomFloats(rng, 9), randomFloats(rng, 16)
		v, u, out, m := make([]float32, 36), make([]float32, 36), make([]float32, 16), make([]float32, 36)
		square := func(x []float32, size int) Squares { return Squares{Data: x, Row: size, Col: 1} }
		WinogradImage(4, square(v, 6), square(d, 6), 1, 1)
		WinogradFilter(4, square(u, 6), square(g, 3), 1, 1)
		for i := range m {
			m[i] = u[i] * v[i]
		}
		WinogradOutput(4, square(out, 4), square(m, 6), 1, 1)
		for i := range 16 {
			var want float64
			for k := range 9 {
				want += float64(d[(i/4+k/3)*6+i%4+k%3]) * float64(g[k])
			}
			if math.Abs(float64(out[i])-want) > 3e-5 {
				t.Fatalf("place %d: %g, want %g", i, out[i], want)
			}
		}
		spread, filter := make([]float32, 36), make([]float32, 9)
		WinogradOutputGradient(4, square(spread, 6), square(y, 4), 1, 1)
		WinogradFilterGradient(4, square(filter, 3), square(m, 6), 1, 1)
		for _, pair := range [][2]float32{{kernel.Dot(out, y), kernel.Dot(m, spread)}, {kernel.Dot(u, m), kernel.Dot(g, filter)}} {
			if math.Abs(float64(pair[0]-pair[1])) > 1e-4*(1+math.Abs(float64(pair[0]))) {
				t.Fatalf("not adjoint: %g and %g", pair[0], pair[1])
			}
		}
	}
}

// Over 256 channels of normal numbers the error of an output, relative to the norm of
// what is added up, stays under 1e-6, where a float32 is exact to 6e-8.
func TestWinograd4IsAccurate(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 1))
	const channels, times = 256, 40
	var squares, scale float64
	for range times {
		d, g := randomFloats(rng, 36*channels), randomFloats(rng, 9*channels)
		v, u, m, out := make([]float32, 36*channels), make([]float32, 36*channels), make([]float32, 36), make([]float32, 16)
		WinogradImage(4, Squares{Data: v, Row: 6 * channels, Col: channels}, Squares{Data: d, Row: 6 * channels, Col: channels}, channels, 1)
		WinogradFilter(4, Squares{Data: u, Row: 6 * channels, Col: channels}, Squares{Data: g, Row: 3 * channels, Col: channels}, channels, 1)
		for p := range m {
			m[p] = kernel.Dot(v[p*channels:(p+1)*channels], u[p*channels:(p+1)*channels])
		}
		WinogradOutput(4, Squares{Data: out, Row: 4, Col: 1}, Squares{Data: m, Row: 6, Col: 1}, 1, 1)
		for i := range 16 {
			var want float64
			for k := range 9 {
				for c := range channels {
					x, y := float64(d[((i/4+k/3)*6+i%4+k%3)*channels+c]), float64(g[k*channels+c])
					want += x * y
					scale += x * x * y * y
				}
			}
			squares += (float64(out[i]) - want) * (float64(out[i]) - want)
		}
	}
	if off := math.Sqrt(squares / scale); !(off < 1e-6) {
		t.Errorf("outputs are %g off", off)
	} else {
		t.Logf("outputs are %.2g off", off)
	}
}
