package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every kind of kernel finds the same bins, to the last part.
func TestBins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(31, uint64(kd)))
		for n := range 150 {
			x, bins := make([]float32, n), 1+rng.IntN(200)
			for i := range x {
				switch rng.IntN(6) {
				case 0:
					x[i] = inf(-1)
				case 1:
					x[i] = float32(2*float64(rng.IntN(bins+1))/float64(bins) - 1) // an edge, nearly
				default:
					x[i] = 2.2*rng.Float32() - 1.1
				}
			}
			scale := float64(bins) / 2 * float64(2*rng.IntN(2)-1)
			places, parts := make([]int32, n), make([]float32, n)
			want, wantParts := make([]int32, n), make([]float32, n)
			kd.bins(places, parts, x, scale, float64(bins)/2, bins)
			binsPortable(want, wantParts, x, scale, float64(bins)/2, bins)
			if !slices.Equal(places, want) || !slices.Equal(parts, wantParts) {
				t.Fatalf("%d bins of %v: %v, %v, want %v, %v", bins, x, places, parts, want, wantParts)
			}
			for i, s := range x {
				at := float64(places[i]) + float64(parts[i])/BinUnit
				if place := min(max(float64(s)*scale+float64(bins)/2, 0), float64(bins)); s > -2 && math.Abs(at-place) > 1e-7 {
					t.Fatalf("%g is at %g of %d bins, want %g", s, at, bins, place)
				}
			}
		}
	})
}

func TestSigmoids(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(32, uint64(kd)))
		for n := range 150 {
			e, dst, want := make([]float32, n), make([]float32, n), make([]float64, n)
			f := float32(math.Exp(120*rng.Float64() - 60))
			var sum, slopes float64
			for i := range e {
				switch rng.IntN(5) {
				case 0:
				case 1:
					e[i] = float32(math.Exp(88))
				default:
					e[i] = float32(math.Exp(20*rng.Float64()-10)) * f
				}
				dst[i] = rng.Float32()
				v := float64(e[i]) / (float64(e[i]) + float64(f))
				if e[i] > mostOdds {
					v = 1
				}
				sum += v
				slopes += v * (1 - v)
				want[i] = float64(dst[i]) + 3*v*(1-v)
			}
			s, p := kd.sigmoids(e, f)
			if math.Abs(float64(s)-sum) > 1e-6*sum || math.Abs(float64(p)-slopes) > 1e-6*slopes {
				t.Fatalf("%d, f %g: sums %g and %g, want %g and %g", n, f, s, p, sum, slopes)
			}
			kd.addSlopes(dst, e, f, 3)
			for i, w := range want {
				if math.Abs(float64(dst[i])-w) > 1e-6 {
					t.Fatalf("odds %g to %g: %g, want %g", e[i], f, dst[i], w)
				}
			}
		}
	})
}
