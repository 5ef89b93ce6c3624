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
				t.add(0, value, value > 0)
			}
		}
	}
}
