package pair

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The histograms hold every weight once, where it belongs.
func TestInspection(t *testing.T) {
	s := randomSample(rand.New(rand.NewPCG(4, 2)), 9, 60, 5, 4)
	for _, spec := range []string{"multi-similarity", "contrastive", "angular"} {
		loss, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := s.problem()
		p.Step = 1000
		for j := range s.columnLabels {
			p.Columns.Births = append(p.Columns.Births, 1000-int64(j))
		}
		engine := Engine{Inspect: &Inspection{}}
		engine.Run(make([]float32, len(s.anchors)), p, loss)
		got := engine.Inspect.Weights()
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

// One weight of each kind, by hand.
func TestInspectionBins(t *testing.T) {
	births := []int64{7, 7, 6, 4, 0}
	n := Inspection{}
	n.begin(1)
	n.add(&Row{Neg: []float32{-3, 0.5, -1, 1, 0}, Pos: []Positive{{Col: 0, Sim: 0.99}}, problem: &Problem{Step: 7, Columns: Side{Births: births}}},
		[]float32{-2, 1, 1, 2, 0})
	got := n.Weights()
	if got.Positives[39] != 2 || got.Negatives[30] != 1 || got.Negatives[0] != 1 || got.Negatives[39] != 2 {
		t.Errorf("by similarity: %v and %v", got.Positives, got.Negatives)
	}
	// 7-7 = 0, 7-6 = 1 and 7-4 = 3 steps old.
	if got.Ages[0] != 3 || got.Ages[1] != 1 || got.Ages[2] != 2 {
		t.Errorf("by age: %v", got.Ages)
	}
	if got.Old != 0.5 || math.Abs(got.EffectiveNegatives-16.0/6) > 1e-12 {
		t.Errorf("%g old, %g effective negatives", got.Old, got.EffectiveNegatives)
	}
}
