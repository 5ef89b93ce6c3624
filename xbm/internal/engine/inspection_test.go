package engine_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/pair"
)

// The histograms hold every weight once, where it belongs.
func TestInspection(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(4, 2)), 9, 60, 5, 4)
	for _, spec := range []string{"multi-similarity", "contrastive", "angular"} {
		p, _ := s.Problem()
		p.Step = 1000
		for j := range s.ColumnLabels {
			p.Columns.Births = append(p.Columns.Births, 1000-int64(j))
		}
		e := engine.Engine{Inspect: &pair.Inspection{}}
		e.Run(make([]float32, len(s.Anchors)), p, parsed(t, spec))
		got := e.Inspect.Weights()
		var all, aged float64
		for k := range got.Positives {
			all += got.Positives[k] + got.Negatives[k]
		}
		for _, x := range got.Ages {
			aged += x
		}
		if !(all > 0) || math.Abs(all-aged) > 1e-9*all {
			t.Errorf("%s: weights of %g by similarity, of %g by age", spec, all, aged)
		}
		if math.Abs(got.Old-(1-got.Ages[0]/all)) > 1e-9 {
			t.Errorf("%s: a share of %g is old, want %g", spec, got.Old, 1-got.Ages[0]/all)
		}
		if got.EffectiveNegatives < 1 || got.EffectiveNegatives > 60 {
			t.Errorf("%s: %g effective negatives of at most 60", spec, got.EffectiveNegatives)
		}
	}
}
