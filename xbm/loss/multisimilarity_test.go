package loss

import "crossbatch/xbm/internal/twin"

func multiSimilarityTwin(alpha, beta, base float64) twin.Loss {
	return func(v *twin.View) (value float64) {
		for i := range v.S {
			pos, neg := v.Sides(i)
			value += softplus(twin.Log(pos, func(x float64) float64 { return -alpha * (x - base) })) / alpha
			value += softplus(twin.Log(neg, func(x float64) float64 { return beta * (x - base) })) / beta
		}
		return value / float64(len(v.S))
	}
}
