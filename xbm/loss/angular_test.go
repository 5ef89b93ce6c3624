package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func angularTwin(degrees float64, raw bool) twinTerms {
	tan := math.Pow(math.Tan(degrees*math.Pi/180), 2)
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			v.Pairs(i, func(j int, kind twin.Kind) {
				if kind != twin.Positive {
					return
				}
				var terms []float64
				for k, label := range v.Columns {
					if label == v.Labels[i] {
						continue
					}
					length := 1.0
					if raw {
						length = v.Lengths[k]
					}
					terms = append(terms, 4*tan*length*(v.S[i][k]+twin.Dot(v.Row(j), v.Row(k)))-2*(1+tan)*v.S[i][j])
				}
				value := softplus(twin.Log(terms, func(x float64) float64 { return x }))
				t.add(0, value, value > 0)
			})
		}
	}
}
