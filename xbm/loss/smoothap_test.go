package loss

import "crossbatch/xbm/internal/twin"

func smoothAPTwin(temperature float64) twinTerms {
	return func(v *twin.View, t *terms) {
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
			t.add(0, 1-ap, 1-ap > rounding)
		}
	}
}
