package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Mean and variance are right where squaring first would lose every digit:
// small deviations about a large mean.
func TestMoments(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, mean := range []float64{0, 1, 1000} {
		var m moments
		var all []float64
		for _, n := range []int{1, 2, 3, 4, 7, 64, 1001} {
			part := normals(rng, n)
			for i := range part {
				part[i] += float32(mean)
				all = append(all, float64(part[i]))
			}
			m.add(part)
		}
		var total, squares float64
		for _, x := range all {
			total += x
		}
		for _, x := range all {
			squares += (x - total/float64(len(all))) * (x - total/float64(len(all)))
		}
		if m.count != float64(len(all)) || math.Abs(m.mean-total/m.count) > 1e-6*(1+mean) || math.Abs(m.squares/squares-1) > 1e-5 {
			t.Errorf("about %g: %+v, want %d %g %g", mean, m, len(all), total/m.count, squares)
		}
	}
}
