package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func ncaTwin(scale float64, withoutPositives bool) twin.Loss {
	return func(v *twin.View) (value float64) {
		count := 0.0
		logit := func(x float64) float64 { return -scale * (2 - 2*x) }
		for i := range v.S {
			pos, neg := v.Sides(i)
			if len(pos) == 0 {
				continue
			}
			count++
			if len(neg) == 0 {
				continue // the probability is 1
			}
			all := neg
			if !withoutPositives {
				all = append(all, pos...)
			}
			value += twin.Log(all, logit) - twin.Log(pos, logit)
		}
		return value / math.Max(1, count)
	}
}
