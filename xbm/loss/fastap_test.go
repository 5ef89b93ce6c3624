package loss

import "crossbatch/xbm/internal/twin"

func fastAPTwin(bins int) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			var pos, all []float64
			for j, s := range v.S[i] {
				x := (2 - 2*s) / 4 * float64(bins)
				if v.Kind[i][j] == twin.Positive {
					pos = append(pos, x)
				}
				if v.Kind[i][j] != twin.LeftOut {
					all = append(all, x)
				}
			}
			if len(pos) == 0 {
				continue
			}
			var ap, below, belowAll float64
			h, hAll := soft(pos, bins), soft(all, bins)
			for q := range h {
				below += h[q]
				belowAll += hAll[q]
				if belowAll > 0 {
					ap += h[q] * below / belowAll / float64(len(pos))
				}
			}
			t.add(0, 1-ap, true)
			if 1-ap <= rounding {
				t.active[0]--
			}
		}
	}
}
