package graph

import (
	"fmt"
	"math"
	"testing"

	"crossbatch/backbone/network"
)

func TestGELU(t *testing.T) {
	for _, shape := range [][]int{{2, 3}, {1, 1}, {3, 2, 5}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.GELU(x) })
			l.check(t, func(in [][]float64) []float64 {
				var out []float64
				for _, v := range in[0] {
					out = append(out, v*math.Erfc(-v/math.Sqrt2)/2)
				}
				return out
			})
		})
	}
}

// Φ and its slope are those of math, but for float32's rounding.
func TestNormal(t *testing.T) {
	n := newNormal()
	for i := -80000; i <= 80000; i++ {
		x := float32(i) / 10000
		below, density := math.Erfc(-float64(x)/math.Sqrt2)/2, math.Exp(-float64(x)*float64(x)/2)/math.Sqrt(2*math.Pi)
		if d := math.Abs(float64(n.below(x)) - below); d > 1.5e-7 {
			t.Fatalf("Φ(%g) is off by %g", x, d)
		}
		if d := math.Abs(float64(n.density(x)) - density); d > 1.5e-7 {
			t.Fatalf("density(%g) is off by %g", x, d)
		}
	}
	inf := float32(math.Inf(1))
	if n.below(inf) != 1 || n.below(-1e30) != 0 || n.density(inf) != 0 || n.density(-inf) != 0 || n.below(float32(math.NaN())) == n.below(float32(math.NaN())) {
		t.Error("wrong far out")
	}
}
