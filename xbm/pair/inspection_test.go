package pair

import (
	"math"
	"testing"
)

// One weight of each kind, by hand.
func TestInspectionBins(t *testing.T) {
	births := []int64{1 << 40, 1 << 40, 1<<40 - 1, 1<<40 - 3, 0, 0}
	n := Inspection{}
	n.Begin(1)
	n.Add(&Row{Neg: []float32{-3, 0.5, -1, 1, 0, 0.01}, Pos: []Positive{{Col: 0, Sim: 0.99}}, Problem: &Problem{Step: 1 << 40, Columns: Side{Births: births}}},
		[]float32{-2, 1, 1, 2, 0, 4})
	got := n.Weights()
	if got.Positives[39] != 2 || got.Negatives[30] != 1 || got.Negatives[0] != 1 || got.Negatives[39] != 2 {
		t.Errorf("by similarity: %v and %v", got.Positives, got.Negatives)
	}
	// 0, 1, 3 and 2^40 steps old.
	if got.Ages[0] != 3 || got.Ages[1] != 1 || got.Ages[2] != 2 || got.Ages[19] != 4 {
		t.Errorf("by age: %v", got.Ages)
	}
	if got.Old != 0.7 || math.Abs(got.EffectiveNegatives-64.0/22) > 1e-12 {
		t.Errorf("%g old, %g effective negatives", got.Old, got.EffectiveNegatives)
	}
}

func TestInspectionOfNoPairs(t *testing.T) {
	n := Inspection{}
	n.Begin(2)
	n.Add(&Row{Neg: []float32{0.5}, Problem: &Problem{}}, []float32{0})
	if got := n.Weights(); got.Old != 0 || got.EffectiveNegatives != 0 {
		t.Errorf("%g old, %g effective negatives", got.Old, got.EffectiveNegatives)
	}
}
