package arithmetic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAdamTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(16, uint64(kd)))
		a := Adam{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Rate: 0.01, Scale: 1.5, Epsilon: 1e-8, Decay: 0.1}
		for n := range 130 {
			value, grad, first, second := randomFloats(rng, n), randomFloats(rng, n), randomFloats(rng, n), randomFloats(rng, n)
			for i := range second {
				second[i] *= second[i]
			}
			want := [3][]float32{slices.Clone(value), slices.Clone(first), slices.Clone(second)}
			a.stepPortable(want[0], grad, want[1], want[2])
			kd.adam(&a, value, grad, first, second)
			for k, got := range [][]float32{value, first, second} {
				for i, x := range got {
					if math.Abs(float64(x-want[k][i])) > 1e-6*(1+math.Abs(float64(want[k][i]))) {
						t.Fatalf("array %d of %d, element %d: %g, want %g", k, n, i, x, want[k][i])
					}
				}
			}
		}
	})
	x := make([]float32, 3)
	mustPanic(t, "adam", "arithmetic: slices of different lengths in Adam", func() { (&Adam{}).Step(x, x, x, x[:2]) })
}
