package pair

import "math"

func tupletMarginTwin(degrees, scale float64) twin {
	return func(s [][]float64, kind [][]pairKind) (value float64) {
		pairs := 0.0
		for i := range s {
			pos, neg := sides(s[i], kind[i])
			for _, p := range pos {
				target := math.Cos(math.Acos(math.Min(1, math.Max(-1, p))) - degrees*math.Pi/180)
				value += softplus(logOf(neg, func(x float64) float64 { return scale * (x - target) }))
				pairs++
			}
		}
		return value / math.Max(1, pairs)
	}
}

func ncaTwin(scale float64) twin {
	return func(s [][]float64, kind [][]pairKind) (value float64) {
		count := 0.0
		logit := func(x float64) float64 { return -scale * (2 - 2*x) }
		for i := range s {
			if pos, neg := sides(s[i], kind[i]); len(pos) > 0 {
				value += logOf(append(neg, pos...), logit) - logOf(pos, logit)
				count++
			}
		}
		return value / math.Max(1, count)
	}
}

func generalizedLiftedTwin(posMargin, negMargin float64) twin {
	return func(s [][]float64, kind [][]pairKind) (value float64) {
		distance := func(x float64) float64 { return math.Sqrt(math.Max(0, 2-2*x)) }
		for i := range s {
			pos, neg := sides(s[i], kind[i])
			loss := 0.0
			if len(pos) > 0 {
				loss += logOf(pos, func(x float64) float64 { return distance(x) - posMargin })
			}
			if len(neg) > 0 {
				loss += logOf(neg, func(x float64) float64 { return negMargin - distance(x) })
			}
			value += math.Max(0, loss)
		}
		return value / float64(len(s))
	}
}
