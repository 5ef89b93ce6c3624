package pair

import (
	"math"
	"testing"
)

// One weight of each kind, by hand.
func TestInspectionBins(t *testing.T) {
	births := []int64{7, 7, 6, 4, 0}
	n := Inspection{}
	n.Begin(1)
	n.Add(&Row{Neg: []float32{-3, 0.5, -1, 1, 0}, Pos: []Positive{{Col: 0, Sim: 0.99}}, Problem: &Problem{Step: 7, Columns: Side{Births: births}}},
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
