package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func tupletMarginTwin(degrees, scale float64) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			pos, neg := v.Repeated(i)
			for _, p := range pos {
				target := math.Cos(math.Acos(math.Min(1, math.Max(-1, p))) - degrees*math.Pi/180)
				value := softplus(twin.Log(neg, func(x float64) float64 { return scale * (x - target) }))
				t.add(0, value, value > leastLog)
			}
		}
	}
}

func intraPairTwin(posEpsilon, negEpsilon float64) twinTerms {
	return func(v *twin.View, t *terms) {
		var pos, neg []float64
		for i := range v.S {
			p, n := v.Repeated(i)
			pos, neg = append(pos, p...), append(neg, n...)
		}
		mean := func(xs []float64, f func(float64) float64) (sum float64) {
			for _, x := range xs {
				sum += f(x) / float64(len(xs))
			}
			return sum
		}
		same := func(x float64) float64 { return x }
		p, n := (1-posEpsilon)*mean(pos, same), (1+negEpsilon)*mean(neg, same)
		for _, x := range pos {
			t.add(0, math.Pow(math.Max(0, p-x), 2), x < p)
		}
		for _, x := range neg {
			t.add(1, math.Pow(math.Max(0, x-n), 2), x > n)
		}
	}
}
