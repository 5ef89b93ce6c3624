package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func ntxentTwin(t float64) twin.Loss {
	return func(v *twin.View) (value float64) {
		pairs := 0.0
		for i := range v.S {
			pos, neg := v.Repeated(i)
			for _, p := range pos {
				value += twin.Log(append([]float64{p}, neg...), func(x float64) float64 { return x / t }) - p/t
				pairs++
			}
		}
		return value / math.Max(1, pairs)
	}
}
