package pair

import "math"

// marginTwin goes over all triplets, as the definition does.
func marginTwin(margin, beta float64) twin {
	return func(s [][]float64, kind [][]pairKind) (value float64) {
		active := 0.0
		take := func(term float64) {
			if term > 0 {
				value += term
				active++
			}
		}
		for i := range s {
			pos, neg := sides(s[i], kind[i])
			for _, p := range pos {
				for _, n := range neg {
					take(math.Sqrt(math.Max(0, 2-2*p)) - beta + margin)
					take(beta - math.Sqrt(math.Max(0, 2-2*n)) + margin)
				}
			}
		}
		return value / math.Max(1, active)
	}
}
