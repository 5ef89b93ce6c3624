package loss

import "crossbatch/xbm/internal/twin"

func ncaTwin(scale float64, withoutPositives bool) twinTerms {
	return func(v *twin.View, t *terms) {
		logit := func(x float64) float64 { return -scale * (2 - 2*x) }
		for i := range v.S {
			pos, neg := v.Sides(i)
			if len(pos) == 0 {
				continue
			}
			if len(neg) == 0 {
				t.add(0, 0, false) // the probability is 1
				continue
			}
			all := neg
			if !withoutPositives {
				all = append(all, pos...)
			}
			value := twin.Log(all, logit) - twin.Log(pos, logit)
			t.add(0, value, true)
		}
	}
}
