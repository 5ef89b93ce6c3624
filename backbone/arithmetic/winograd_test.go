package arithmetic

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/kernel"
)

var winogradMaps = []winogradMap{imageTile, filterTile, outputTile, outputGradient, filterGradient}

func TestWinogradTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(31, uint64(kd)))
		for n := range 70 {
			for _, m := range winogradMaps {
				out, in := m.sizes(2)
				count := 1 + rng.IntN(4)
				src, got := randomSquares(rng, in, n, count), randomSquares(rng, out, n, count)
				want := got
				want.Data = append([]float32{}, got.Data...)
				kd.winograd(m, 2, got, src, n, count)
				winogradPortable(m, 2, want, src, n, count)
				for i, v := range want.Data {
					if got.Data[i] != v {
						t.Fatalf("map %d of %d: element %d is %g, want %g", m, n, i, got.Data[i], v)
					}
				}
			}
		}
	})
	mustPanic(t, "short", "arithmetic: squares too short: dst", func() {
		WinogradOutput(2, Squares{Data: make([]float32, 9), Row: 4, Col: 2}, Squares{Data: make([]float32, 64), Row: 16, Col: 4}, 4, 1)
	})
}

func randomSquares(rng *rand.Rand, size, n, count int) Squares {
	col := n + rng.IntN(3)
	row := size*col + rng.IntN(3)
	if rng.IntN(2) == 0 {
		row, col = n+rng.IntN(3), size*(n+2)+7
	}
	step := size*max(row, col) + rng.IntN(3)
	return Squares{Data: randomFloats(rng, (count-1)*step+(size-1)*(row+col)+n), Row: row, Col: col, Step: step}
}

// The claim of the paper: 16 products are the cross-correlation of 4×4 and 3×3.
// And each gradient's map is the transpose of the map it is named for.
func TestWinogradCorrelates(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	for range 50 {
		d, g, y := randomFloats(rng, 16), randomFloats(rng, 9), randomFloats(rng, 4)
		v, u, out := make([]float32, 16), make([]float32, 16), make([]float32, 4)
		WinogradImage(2, Squares{v, 4, 1, 0, 0}, Squares{d, 4, 1, 0, 0}, 1, 1)
		WinogradFilter(2, Squares{u, 4, 1, 0, 0}, Squares{g, 3, 1, 0, 0}, 1, 1)
		m := make([]float32, 16)
		for i := range m {
			m[i] = u[i] * v[i]
		}
		WinogradOutput(2, Squares{out, 2, 1, 0, 0}, Squares{m, 4, 1, 0, 0}, 1, 1)
		for i := range 4 {
			var want float64
			for k := range 9 {
				want += float64(d[(i/2+k/3)*4+i%2+k%3]) * float64(g[k])
			}
			if math.Abs(float64(out[i])-want) > 1e-5 {
				t.Fatalf("place %d: %g, want %g", i, out[i], want)
			}
		}
		spread, filter := make([]float32, 16), make([]float32, 9)
		WinogradOutputGradient(2, Squares{spread, 4, 1, 0, 0}, Squares{y, 2, 1, 0, 0}, 1, 1)
		WinogradFilterGradient(2, Squares{filter, 3, 1, 0, 0}, Squares{m, 4, 1, 0, 0}, 1, 1)
		for _, pair := range [][2]float32{{kernel.Dot(out, y), kernel.Dot(m, spread)}, {kernel.Dot(u, m), kernel.Dot(g, filter)}} {
			if math.Abs(float64(pair[0]-pair[1])) > 1e-4*(1+math.Abs(float64(pair[0]))) {
				t.Fatalf("not adjoint: %g and %g", pair[0], pair[1])
			}
		}
	}
}
