package loss

import "crossbatch/xbm/internal/twin"

func ntxentTwin(temperature float64) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			pos, neg := v.Repeated(i)
			for _, p := range pos {
				value := twin.Log(append([]float64{p}, neg...), func(x float64) float64 { return x / temperature }) - p/temperature
				t.add(0, value, value > leastLog)
			}
		}
	}
}
