package loss

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

// soft is the histogram of places, counted in bins, with linear weights.
func soft(places []float64, bins int) []float64 {
	h := make([]float64, bins+1)
	for _, x := range places {
		for q := range h {
			h[q] += math.Max(0, 1-math.Abs(math.Min(math.Max(x, 0), float64(bins))-float64(q)))
		}
	}
	return h
}

func histogramTwin(bins int) twin.Loss {
	return func(v *twin.View) (value float64) {
		var pos, neg []float64
		for i := range v.S {
			p, n := v.Sides(i)
			pos, neg = append(pos, p...), append(neg, n...)
		}
		if len(pos) == 0 || len(neg) == 0 {
			return 0
		}
		for _, side := range [][]float64{pos, neg} {
			for k, s := range side {
				side[k] = (s + 1) / 2 * float64(bins)
			}
		}
		hPos, hNeg := soft(pos, bins), soft(neg, bins)
		below := 0.0
		for q := range hPos {
			below += hPos[q] / float64(len(pos))
			value += hNeg[q] / float64(len(neg)) * below
		}
		return value
	}
}
