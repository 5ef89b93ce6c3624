package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func contrastiveTwin(euclidean bool, posMargin, negMargin float64) twin.Loss {
	return func(v *twin.View) float64 {
		var sum, count [2]float64
		for i := range v.S {
			v.Pairs(i, func(j int, kind twin.Kind) {
				pos, neg := posMargin-v.S[i][j], v.S[i][j]-negMargin
				if euclidean {
					d := twin.Distance(v.S[i][j])
					pos, neg = d-posMargin, negMargin-d
				}
				switch {
				case kind == twin.Positive && pos > rounding:
					sum[0] += pos
					count[0]++
				case kind == twin.Negative && neg > rounding:
					sum[1] += neg
					count[1]++
				}
			})
		}
		return sum[0]/math.Max(1, count[0]) + sum[1]/math.Max(1, count[1])
	}
}
