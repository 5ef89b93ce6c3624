package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

func variance(x []float64) (sum float64) {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return sum
}

func snrTwin(posMargin, negMargin float64) twin.Loss {
	return func(v *twin.View) float64 {
		var sum, count [2]float64
		for i := range v.S {
			signal := variance(v.Anchor(i))
			if signal < noSignal {
				continue
			}
			v.Pairs(i, func(j int, kind twin.Kind) {
				noise := make([]float64, v.Dim)
				for k := range noise {
					noise[k] = v.Anchor(i)[k] - v.Row(j)[k]
				}
				d := variance(noise) / signal
				switch {
				case kind == twin.Positive && d-posMargin > rounding:
					sum[0] += d - posMargin
					count[0]++
				case kind == twin.Negative && negMargin-d > rounding:
					sum[1] += negMargin - d
					count[1]++
				}
			})
		}
		return sum[0]/math.Max(1, count[0]) + sum[1]/math.Max(1, count[1])
	}
}
