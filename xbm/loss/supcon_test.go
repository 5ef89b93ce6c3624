package loss

import "crossbatch/xbm/internal/twin"

func supconTwin(temperature float64) twinTerms {
	return func(v *twin.View, t *terms) {
		negatives := 0
		for i := range v.S {
			_, neg := v.Sides(i)
			negatives += len(neg)
		}
		for i := range v.S {
			pos, neg := v.Sides(i)
			if len(pos) == 0 || negatives == 0 {
				t.add(0, 0, false)
				continue
			}
			loss := twin.Log(append(pos, neg...), func(x float64) float64 { return x / temperature })
			for _, p := range pos {
				loss -= p / temperature / float64(len(pos))
			}
			t.add(0, loss, loss > 0)
		}
	}
}
