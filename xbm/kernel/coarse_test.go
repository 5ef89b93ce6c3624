package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/kernel/isa"
)

// A coarse product is the exact one but for what its errors allow, in plain Go and in
// the processor's tiles.
func TestCoarseProductIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, s := range []struct{ n, m, dim int }{{1, 1, 1}, {5, 33, 3}, {32, 64, 32}, {40, 70, 33}, {33, 97, 128}, {64, 31, 200}} {
		x, y := randomFloats(rng, s.n*s.dim), randomFloats(rng, s.m*s.dim)
		var c Coarse
		c.Set(y, s.dim)
		errors := make([]float64, s.n)
		rows := c.Rows(nil, errors, x, s.dim)
		high, wide := Blocks(s.n, CoarseUnit), Blocks(s.m, CoarseUnit)
		stride := wide*CoarseUnit + 16
		got, plain := make([]float32, high*CoarseUnit*stride), make([]float32, high*CoarseUnit*stride)
		for k := range got {
			got[k] = float32(math.NaN())
		}
		c.Product(got, stride, rows, s.n, 0, s.m)
		coarsePortable(plain, stride, rows, c.columns, high, wide, c.steps)
		for i := range s.n {
			for j := range s.m {
				var exact, long, other float64
				for k := range s.dim {
					p, q := float64(x[i*s.dim+k]), float64(y[j*s.dim+k])
					exact, long, other = exact+p*q, long+p*p, other+q*q
				}
				long, other = math.Sqrt(long), math.Sqrt(other)
				rounding := float64(s.dim+1) * 0x1p-24 * 1.01 * long * other
				bound := errors[i]*other + (long+errors[i])*c.Error + rounding
				for _, v := range []float32{got[i*stride+j], plain[i*stride+j]} {
					if off := math.Abs(float64(v) - exact); !(off <= bound) {
						t.Fatalf("%+v: product of %d and %d is %g, exactly %g: off by more than %g", s, i, j, v, exact, bound)
					}
				}
				if off := math.Abs(float64(got[i*stride+j] - plain[i*stride+j])); off > 2*rounding {
					t.Fatalf("%+v: product of %d and %d is %g, plainly %g", s, i, j, got[i*stride+j], plain[i*stride+j])
				}
			}
		}
	}
	if !isa.HasTiles() {
		t.Log("this processor has no tiles: the plain product stood for them")
	}
}

func TestToBrain(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(6, uint64(kd)))
		for n := range 70 {
			x, got := randomFloats(rng, n), make([]uint16, n)
			for i := range x {
				if rng.IntN(2) == 0 { // a tie, or next to one
					x[i] = math.Float32frombits(math.Float32bits(x[i])&^0xffff + 0x7fff + uint32(rng.IntN(3)))
				}
			}
			kd.toBrains(got, x)
			for i, v := range x {
				near := float64(fromBrain(got[i]))
				below, above := float64(fromBrain(got[i]-1)), float64(fromBrain(got[i]+1))
				off := math.Abs(near - float64(v))
				if off > math.Abs(below-float64(v)) || off > math.Abs(above-float64(v)) || off > 0x1p-8*math.Abs(float64(v)) || got[i] != toBrain(v) {
					t.Fatalf("%g is %g in bfloat16", v, near)
				}
			}
		}
	})
}
