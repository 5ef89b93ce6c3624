package arithmetic

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestActivationTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(42, uint64(kd)))
		for n := range 150 {
			x, y := randomFloats(rng, n), randomFloats(rng, n)
			for i := range x {
				x[i] *= 4
				if rng.IntN(20) == 0 {
					x[i] = [...]float32{nan, 0, 40, -40, 1e30, -1e30, -3, 3}[rng.IntN(8)]
				}
			}
			for _, f := range []struct {
				name       string
				got, plain func(dst []float32)
			}{
				{"GELU", func(dst []float32) { kd.gelu(dst, x) }, func(dst []float32) { geluPortable(dst, x) }},
				{"HardSigmoid", func(dst []float32) { kd.hardSigmoid(dst, x) }, func(dst []float32) { hardSigmoidPortable(dst, x) }},
				{"HardSwish", func(dst []float32) { kd.hardSwish(dst, x) }, func(dst []float32) { hardSwishPortable(dst, x) }},
				{"Larger", func(dst []float32) { kd.larger(dst, y, y) }, func(dst []float32) { largerPortable(dst, y, y) }},
			} {
				got, want := make([]float32, n), make([]float32, n)
				f.got(got)
				f.plain(want)
				for i, w := range want {
					if (w == w) != (got[i] == got[i]) || math.Abs(float64(got[i]-w)) > 4e-7*(1+math.Abs(float64(w))) {
						t.Fatalf("%s of %g: %g, want %g", f.name, x[i], got[i], w)
					}
				}
			}
			largerPortable(y, x[:n], y)
		}
	})
}

func TestDepthwiseTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(43, uint64(kd)))
		for n := 1; n < 70; n++ {
			p := Window{Rows: 1 + rng.IntN(5), Cols: 1 + rng.IntN(5), Col: n + rng.IntN(3), Step: n * (1 + rng.IntN(2))}
			p.Row, p.WRow = (p.Cols+4)*p.Col, (p.Cols+rng.IntN(3))*n
			count, dstStep := 1+rng.IntN(11), n+rng.IntN(3)
			x := randomFloats(rng, (count-1)*p.Step+(p.Rows-1)*p.Row+(p.Cols-1)*p.Col+n)
			w := randomFloats(rng, p.Rows*p.WRow)
			got := randomFloats(rng, (count-1)*dstStep+n)
			want := append([]float32{}, got...)
			kd.depthwise(got, dstStep, x, p, w, n, count)
			depthwisePortable(want, dstStep, x, p, w, n, count)
			for i, v := range want {
				if math.Abs(float64(got[i]-v)) > 1e-5*(1+math.Abs(float64(v))) {
					t.Fatalf("%d channels, %+v: element %d is %g, want %g", n, p, i, got[i], v)
				}
			}
		}
	})
	mustPanic(t, "short", "arithmetic: pixels too short in Depthwise", func() {
		Depthwise(make([]float32, 4), 4, make([]float32, 8), Window{2, 2, 8, 8, 4, 4}, make([]float32, 16), 4, 1)
	})
}
