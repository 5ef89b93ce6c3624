package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func supconTwin(t float64) twin.Loss {
	return func(v *twin.View) (value float64) {
		count, negatives := 0.0, 0
		for i := range v.S {
			_, neg := v.Sides(i)
			negatives += len(neg)
		}
		for i := range v.S {
			pos, neg := v.Sides(i)
			if len(pos) == 0 || negatives == 0 {
				continue
			}
			loss := twin.Log(append(pos, neg...), func(x float64) float64 { return x / t })
			for _, p := range pos {
				loss -= p / t / float64(len(pos))
			}
			if loss > 0 {
				value += loss
				count++
			}
		}
		return value / math.Max(1, count)
	}
}
