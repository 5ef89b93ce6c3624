package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestExp(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(12, uint64(kd)))
		for n := range 200 {
			x, dst := make([]float32, n), make([]float32, n)
			top, scale := rng.Float32(), 1+100*rng.Float32()
			for i := range x {
				switch rng.IntN(8) {
				case 0:
					x[i] = float32(math.Inf(-1))
				case 1:
					x[i] = top
				default:
					x[i] = top - 2*rng.Float32()
				}
			}
			sum := kd.exp(dst, x, top, scale)
			var want, size float64
			for i, v := range x {
				exponent := float64(scale) * (float64(v) - float64(top))
				y := math.Exp(exponent)
				if exponent < -87 {
					y = 0
				}
				want += y
				size += y * (1 - exponent)
				bound := y * (4 - exponent) * 0x1p-23
				if exponent < -86.9 {
					bound = math.Exp(-86.8) // on either side of the limit
				}
				if y == 0 {
					size += bound
				}
				if !(math.Abs(float64(dst[i])-y) <= bound) {
					t.Fatalf("e^%g is %g, want %g", exponent, dst[i], y)
				}
			}
			if math.IsNaN(size) { // -Inf·0
				size = want * 90
			}
			if !(math.Abs(float64(sum)-want) <= float64(n+8)*0x1p-22*(size+want)) {
				t.Fatalf("sum of %d: %g, want %g", n, sum, want)
			}
		}
		// Every order of size, the limits among them.
		for e := -110.0; e < 100; e += 0.01 {
			var y [1]float32
			kd.exp(y[:], []float32{float32(e)}, 0, 1)
			want := math.Exp(math.Min(88, float64(float32(e))))
			if e < -87.01 {
				want = 0
			}
			if diff := math.Abs(float64(y[0]) - want); e < -87.01 != (y[0] == 0) || diff > want*0x1p-22 {
				if math.Abs(e+87) > 0.02 {
					t.Fatalf("e^%g is %g, want %g", e, y[0], want)
				}
			}
		}
	})
}

func TestChordAndDivide(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(13, uint64(kd)))
		for n := range 200 {
			x, y, d, q := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], y[i] = 2.2*rng.Float32()-1.1, 1+rng.Float32()
			}
			if n > 3 {
				x[1], x[2], x[3], y[2] = 1, float32(math.Inf(-1)), -1, float32(math.Inf(1))
			}
			kd.chord(d, x)
			kd.divide(q, x, d)
			kd.divide(d, d, y)
			raised := slices.Clone(x)
			kd.raise(raised, 0.25)
			for i, v := range x {
				if raised[i] != max(v, 0.25) {
					t.Fatalf("%g raised to 0.25 is %g", v, raised[i])
				}
				chord := float32(math.Sqrt(math.Max(0, 2-2*float64(v))))
				if want := v / chord; i != 2 && chord > 0 && !near(q[i], want, 1e-6) {
					t.Fatalf("%g/%g is %g", v, chord, q[i])
				}
				if want := chord / y[i]; i != 2 && !near(d[i], want, 1e-6) {
					t.Fatalf("chord of %g over %g is %g, want %g", v, y[i], d[i], want)
				}
			}
			if n > 3 && (!math.IsNaN(float64(d[2])) || q[3] != -0.5) {
				t.Fatalf("√Inf/Inf is %g, -1/2 is %g", d[2], q[3])
			}
		}
	})
}

func TestMultiplyAndAdjust(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(14, uint64(kd)))
		for n := range 200 {
			x, factor, shift := randomFloats(rng, n), randomFloats(rng, n), randomFloats(rng, n)
			product, adjusted := slices.Clone(x), slices.Clone(x)
			kd.multiply(product, product, factor)
			squares := kd.adjust(adjusted, adjusted, factor, shift)
			var want float64
			for i, v := range x {
				if product[i] != v*factor[i] {
					t.Fatalf("%g·%g is %g", v, factor[i], product[i])
				}
				y := float64(v)*float64(factor[i]) + float64(shift[i])
				want += y * y
				if math.Abs(float64(adjusted[i])-y) > 1e-6 {
					t.Fatalf("%g·%g + %g is %g", v, factor[i], shift[i], adjusted[i])
				}
			}
			if math.Abs(float64(squares)-want) > 1e-5*want {
				t.Fatalf("the squares of %d come to %g, want %g", n, squares, want)
			}
		}
	})
}

func near(x, y, tolerance float32) bool {
	return x == y || math.Abs(float64(x-y)) <= float64(tolerance)*math.Abs(float64(y))
}

// The vectors around the slices stay as they are.
func TestElementwiseBounds(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		for n := range 150 {
			whole := make([]float32, n+64)
			for i := range whole {
				whole[i] = nan
			}
			dst := whole[32 : 32+n]
			x := make([]float32, n)
			kd.chord(dst, x)
			kd.exp(dst, dst, 0, 1)
			kd.divide(dst, dst, dst)
			clear(dst)
			kd.multiply(dst, dst, x)
			kd.adjust(dst, dst, x, x)
			kd.markAbove(dst, x, 1)
			kd.cut(dst, -1)
			kd.raise(dst, 0)
			for i, v := range whole {
				if inside := i >= 32 && i < 32+n; inside != (v == 0) {
					t.Fatalf("length %d: element %d is %v", n, i-32, v)
				}
			}
		}
	})
}
