package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func circleTwin(m, gamma float64) twinTerms {
	return func(v *twin.View, t *terms) {
		base := v.Base()
		for i := range v.S {
			var pos, neg []float64 // logits, their weights held fixed
			for j, s := range v.S[i] {
				switch v.Kind[i][j] {
				case twin.Positive:
					pos = append(pos, -gamma*math.Max(0, 1+m-base[i][j])*(s-1+m))
				case twin.Negative:
					neg = append(neg, gamma*math.Max(0, base[i][j]+m)*(s-m))
				}
			}
			if len(pos) == 0 || len(neg) == 0 {
				t.add(0, 0, false)
				continue
			}
			same := func(x float64) float64 { return x }
			loss := softplus(twin.Log(pos, same) + twin.Log(neg, same))
			t.add(0, loss, loss > 0)
		}
	}
}
