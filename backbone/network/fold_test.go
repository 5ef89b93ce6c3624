package network

import (
	"slices"
	"testing"
)

func TestFold(t *testing.T) {
	n := Node{Op: BatchNorm{Epsilon: 1}, Parameters: []int{1, 2, 3, 4}}
	arrays := [][]float32{nil, {6, 2}, {1, -1}, {2, 0.5}, {8, 0}}
	factors, shifts := make([]float32, 2), make([]float32, 2)
	n.Fold(factors, shifts, arrays) // 6/√(8+1) = 2, 1-2·2 = -3; 2/√1 = 2, -1-2·0.5 = -2
	if !slices.Equal(factors, []float32{2, 2}) || !slices.Equal(shifts, []float32{-3, -2}) {
		t.Errorf("factors %v, shifts %v", factors, shifts)
	}
}
