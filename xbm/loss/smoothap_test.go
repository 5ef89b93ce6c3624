package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func smoothAPTwin(temperature float64) twin.Loss {
	return func(v *twin.View) (value float64) {
		count := 0.0
		for i := range v.S {
			pos, neg := v.Sides(i)
			if len(pos) == 0 {
				continue
			}
			ap := 0.0
			for j, p := range pos {
				among := 1.0
				for k, other := range pos {
					if k != j {
						among += sigmoid((other - p) / temperature)
					}
				}
				rank := among
				for _, n := range neg {
					rank += sigmoid((n - p) / temperature)
				}
				ap += among / rank / float64(len(pos))
			}
			value += 1 - ap
			count++
		}
		return value / math.Max(1, count)
	}
}
