package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func circleTwin(m, gamma float64) twin.Loss {
	return func(v *twin.View) (value float64) {
		count, base := 0.0, v.Base()
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
				continue
			}
			same := func(x float64) float64 { return x }
			if loss := softplus(twin.Log(pos, same) + twin.Log(neg, same)); loss > 0 {
				value += loss
				count++
			}
		}
		return value / math.Max(1, count)
	}
}
