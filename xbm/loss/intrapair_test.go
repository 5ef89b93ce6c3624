package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

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
