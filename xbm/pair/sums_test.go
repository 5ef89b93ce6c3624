package pair

import "math"

func tupletMarginTwin(degrees, scale float64) twin {
	return func(v *view) (value float64) {
		pairs := 0.0
		for i := range v.s {
			pos, neg := v.repeated(i)
			for _, p := range pos {
				target := math.Cos(math.Acos(math.Min(1, math.Max(-1, p))) - degrees*math.Pi/180)
				value += softplus(logOf(neg, func(x float64) float64 { return scale * (x - target) }))
				pairs++
			}
		}
		return value / math.Max(1, pairs)
	}
}

func ncaTwin(scale float64, withoutPositives bool) twin {
	return func(v *view) (value float64) {
		count := 0.0
		logit := func(x float64) float64 { return -scale * (2 - 2*x) }
		for i := range v.s {
			pos, neg := v.sides(i)
			if len(pos) == 0 {
				continue
			}
			count++
			if len(neg) == 0 {
				continue // the chance is 1
			}
			all := neg
			if !withoutPositives {
				all = append(all, pos...)
			}
			value += logOf(all, logit) - logOf(pos, logit)
		}
		return value / math.Max(1, count)
	}
}

func generalizedLiftedTwin(posMargin, negMargin float64) twin {
	return func(v *view) (value float64) {
		distance := func(x float64) float64 { return math.Sqrt(math.Max(0, 2-2*x)) }
		for i := range v.s {
			pos, neg := v.sides(i)
			loss := 0.0
			if len(pos) > 0 {
				loss += logOf(pos, func(x float64) float64 { return distance(x) - posMargin })
			}
			if len(neg) > 0 {
				loss += logOf(neg, func(x float64) float64 { return negMargin - distance(x) })
			}
			value += math.Max(0, loss)
		}
		return value / float64(len(v.s))
	}
}
