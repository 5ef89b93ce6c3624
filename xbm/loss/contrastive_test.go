package loss

import (
	"crossbatch/xbm/internal/twin"
)

func contrastiveTwin(euclidean bool, posMargin, negMargin float64) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			v.Pairs(i, func(j int, kind twin.Kind) {
				pos, neg := posMargin-v.S[i][j], v.S[i][j]-negMargin
				if euclidean {
					d := twin.Distance(v.S[i][j])
					pos, neg = d-posMargin, negMargin-d
				}
				switch {
				case kind == twin.Positive:
					t.add(0, pos, pos > rounding)
				case kind == twin.Negative:
					t.add(1, neg, neg > rounding)
				}
			})
		}
	}
}
