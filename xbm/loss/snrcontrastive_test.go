package loss

import (
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

func snrTwin(posMargin, negMargin float64) twinTerms {
	return func(v *twin.View, t *terms) {
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
				switch kind {
				case twin.Positive:
					t.add(0, d-posMargin, d-posMargin > rounding)
				case twin.Negative:
					t.add(1, negMargin-d, negMargin-d > rounding)
				}
			})
		}
	}
}
