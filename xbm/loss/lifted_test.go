package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func liftedTwin(posMargin, negMargin float64) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			v.Pairs(i, func(j int, kind twin.Kind) {
				if kind != twin.Positive {
					return
				}
				var near []float64 // NegMargin - d of the negatives of both ends
				v.Pairs(i, func(k int, kind twin.Kind) {
					if kind == twin.Negative {
						near = append(near, negMargin-twin.Distance(v.S[i][k]))
					}
				})
				if len(v.Own) > 0 && v.IsSquare() {
					v.Pairs(j, func(k int, kind twin.Kind) {
						if kind == twin.Negative {
							near = append(near, negMargin-twin.Distance(v.S[j][k]))
						}
					})
				} else {
					for k, label := range v.Columns {
						if label != v.Columns[j] {
							near = append(near, negMargin-twin.Distance(twin.Dot(v.Row(j), v.Row(k))))
						}
					}
				}
				if len(near) == 0 {
					t.add(0, 0, false)
					return
				}
				loss := twin.Distance(v.S[i][j]) - posMargin + twin.Log(near, func(x float64) float64 { return x })
				t.add(0, math.Pow(math.Max(0, loss), 2)/2, loss > 0)
			})
		}
	}
}
