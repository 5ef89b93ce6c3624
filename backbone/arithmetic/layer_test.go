package arithmetic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestLayerTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(17, uint64(kd)))
		for n := range 300 {
			x, y := randomFloats(rng, n), randomFloats(rng, n)
			mean, a, b := rng.Float32(), rng.Float32()-2, rng.Float32()
			if n > 2 {
				y[1], y[2] = 0, float32(math.Copysign(0, -1))
			}
			var sum, squares float64
			for _, v := range x {
				sum += float64(v)
				squares += (float64(v) - float64(mean)) * (float64(v) - float64(mean))
			}
			bound := 1e-6 * (float64(n) + squares + 1)
			for name, c := range map[string][2]float64{
				"sum": {float64(kd.sum(x)), sum}, "deviations": {float64(kd.squaredDeviations(x, mean)), squares},
			} {
				if math.Abs(c[0]-c[1]) > bound {
					t.Fatalf("%s of %d: %g, want %g", name, n, c[0], c[1])
				}
			}
			dst := make([]float32, n)
			each := func(name string, want func(i int) float64) {
				for i, v := range dst {
					if w := want(i); math.Abs(float64(v)-w) > 1e-6*(1+math.Abs(w)) {
						t.Fatalf("%s %d of %d: %g, want %g", name, i, n, v, w)
					}
				}
			}
			kd.affine(dst, x, mean, a, b)
			each("affine", func(i int) float64 { return float64(a)*float64(x[i]-mean) + float64(b) })
			kd.combine(dst, x, y, a, b, mean, 3)
			each("combine", func(i int) float64 {
				return float64(a)*float64(x[i]) + float64(b)*float64(y[i]-mean) + 3
			})
			if n > 0 {
				not := []float32{nan}
				if kd.rectify(not, not); not[0] == not[0] {
					t.Fatalf("rectified NaN is %g", not[0])
				}
			}
			want := make([]float32, n)
			kd.rectify(dst, x)
			rectifyPortable(want, x)
			if !slices.Equal(dst, want) {
				t.Fatalf("rectify: %v, want %v", dst, want)
			}
			kd.rectified(dst, x, y)
			rectifiedPortable(want, x, y)
			if !slices.Equal(dst, want) {
				t.Fatalf("rectified: %v, want %v", dst, want)
			}
		}
	})
}

func TestBeatTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(19, uint64(kd)))
		for n := range 150 {
			x, best, grad := randomFloats(rng, n), randomFloats(rng, n), randomFloats(rng, n)
			for i := range x {
				if rng.IntN(4) == 0 {
					x[i] = best[i]
				}
			}
			if n > 3 {
				x[1], best[3] = nan, nan
			}
			winner, k := make([]int32, n), int32(n%5-1)
			wantBest, wantWinner := slices.Clone(best), slices.Clone(winner)
			kd.beat(best, winner, x, k)
			beatPortable(wantBest, wantWinner, x, k)
			if !sameBits(best, wantBest) || !slices.Equal(winner, wantWinner) {
				t.Fatalf("%d: %v %v, want %v %v", n, best, winner, wantBest, wantWinner)
			}
			sum := make([]float32, n)
			want := slices.Clone(sum)
			kd.addWhere(sum, grad, winner, k)
			addWherePortable(want, grad, winner, k)
			if !slices.Equal(sum, want) {
				t.Fatalf("%d: sums %v, want %v", n, sum, want)
			}
		}
	})
}

func TestFourPixelsTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(44, uint64(kd)))
		for n := range 70 {
			top, bottom := randomFloats(rng, 2*n), randomFloats(rng, 2*n)
			for i := range bottom { // some are equal
				if rng.IntN(3) == 0 {
					bottom[i] = top[i]
				}
			}
			best, wantBest, winner, want := make([]float32, n), make([]float32, n), make([]int32, n), make([]int32, n)
			kd.beatFour(best, winner, top, bottom)
			beatFourPortable(wantBest, want, top, bottom)
			if !slices.Equal(best, wantBest) || !slices.Equal(winner, want) {
				t.Fatalf("the largest of %v and %v: %v, %v, want %v, %v", top, bottom, best, winner, wantBest, want)
			}
			wantTop, wantBottom := make([]float32, 2*n), make([]float32, 2*n)
			kd.giveFour(top, bottom, best, winner)
			giveFourPortable(wantTop, wantBottom, best, winner)
			if !slices.Equal(top, wantTop) || !slices.Equal(bottom, wantBottom) {
				t.Fatalf("%v to %v: %v and %v, want %v and %v", best, winner, top, bottom, wantTop, wantBottom)
			}
		}
	})
	mustPanic(t, "short", "arithmetic: lengths of four pixels differ", func() { GiveFour(make([]float32, 4), make([]float32, 3), make([]float32, 2), make([]int32, 2)) })
}
