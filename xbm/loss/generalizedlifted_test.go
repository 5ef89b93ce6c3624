package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func generalizedLiftedTwin(posMargin, negMargin float64) twinTerms {
	return func(v *twin.View, t *terms) {
		distance := func(x float64) float64 { return math.Sqrt(math.Max(0, 2-2*x)) }
		for i := range v.S {
			pos, neg := v.Sides(i)
			loss := 0.0
			if len(pos) > 0 {
				loss += twin.Log(pos, func(x float64) float64 { return distance(x) - posMargin })
			}
			if len(neg) > 0 {
				loss += twin.Log(neg, func(x float64) float64 { return negMargin - distance(x) })
			}
			t.add(0, loss, loss > 0)
		}
	}
}
