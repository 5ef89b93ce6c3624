package loss

import (
	"math"
	"testing"

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
				switch kind {
				case twin.Positive:
					t.add(0, pos, pos > rounding)
				case twin.Negative:
					t.add(1, neg, neg > rounding)
				}
			})
		}
	}
}

// Rows closer than float32 similarities can tell apart keep their distance.
func TestDistanceOfNearDuplicates(t *testing.T) {
	const eps = 1e-3
	s := twin.Sample{Dim: 2, Anchors: []float32{1, 0}, Labels: []int32{0}, IDs: []int64{0}, Own: []int{-1},
		Columns: []float32{1, eps}, ColumnLabels: []int32{0}, ColumnIDs: []int64{1}}
	got, _ := s.Run(NewContrastive(true))
	if want := 2 * math.Sin(math.Atan(eps)/2); math.Abs(got.Value-want) > twin.Tolerance*want {
		t.Errorf("distance %g, want %g", got.Value, want)
	}
}
