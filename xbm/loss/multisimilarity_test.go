package loss

import "crossbatch/xbm/internal/twin"

func multiSimilarityTwin(alpha, beta, base float64) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			pos, neg := v.Sides(i)
			value := softplus(twin.Log(pos, func(x float64) float64 { return -alpha * (x - base) })) / alpha
			value += softplus(twin.Log(neg, func(x float64) float64 { return beta * (x - base) })) / beta
			t.add(0, value, value > 0)
		}
	}
}
