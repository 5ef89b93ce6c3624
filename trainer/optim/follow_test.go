package optim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The weights are those of the recurrence, step after step, at whatever length.
func TestFollow(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for _, n := range []int{1, 7, 64, 1003} {
		for _, momentum := range []float64{0, 0.5, 0.99, 0.999, 1} {
			value, target := make([]float32, n), make([]float32, n)
			want, m := make([]float64, n), float64(float32(momentum))
			for i := range value {
				value[i] = float32(rng.NormFloat64())
				want[i] = float64(value[i])
			}
			first := slices.Clone(value)
			for range 50 {
				for i := range target {
					target[i] = float32(rng.NormFloat64())
					want[i] = m*want[i] + (1-m)*float64(target[i])
				}
				Follow(value, target, momentum)
			}
			for i, w := range want {
				if math.Abs(float64(value[i])-w) > 2e-6 {
					t.Fatalf("momentum %g, element %d of %d: %g, want %g", momentum, i, n, value[i], w)
				}
			}
			if momentum == 0 && !slices.Equal(value, target) || momentum == 1 && !slices.Equal(value, first) {
				t.Errorf("momentum %g is not exact", momentum)
			}
		}
	}
	lost := []float32{float32(math.NaN())}
	if Follow(lost, []float32{2}, 0); lost[0] != 2 {
		t.Errorf("%g, want 2", lost[0])
	}
}
