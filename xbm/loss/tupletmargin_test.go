package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func tupletMarginTwin(degrees, scale float64) twin.Loss {
	return func(v *twin.View) (value float64) {
		pairs := 0.0
		for i := range v.S {
			pos, neg := v.Repeated(i)
			for _, p := range pos {
				target := math.Cos(math.Acos(math.Min(1, math.Max(-1, p))) - degrees*math.Pi/180)
				value += softplus(twin.Log(neg, func(x float64) float64 { return scale * (x - target) }))
				pairs++
			}
		}
		return value / math.Max(1, pairs)
	}
}
