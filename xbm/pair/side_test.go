package pair

import (
	"math"
	"slices"
	"testing"
)

func TestAppendRows(t *testing.T) {
	side := Side{Rows: []float32{3, 0, 0, 5, 1, 1}, Labels: make([]int32, 3), Scale: []float32{2, 1}, Shift: []float32{0, -1}}
	// 6 -1; 0 4; 2 0.
	want := []float32{6 / float32(math.Sqrt(37)), -1 / float32(math.Sqrt(37)), 0, 1, 1, 0}
	got := side.AppendRows([]float32{7}, 2)
	if got[0] != 7 {
		t.Error("what was there is gone")
	}
	for i, x := range got[1:] {
		if math.Abs(float64(x-want[i])) > 1e-6 {
			t.Fatalf("%v, want %v", got[1:], want)
		}
	}
	// What comes to nothing has no direction.
	side = Side{Rows: []float32{1, 1}, Labels: make([]int32, 1), Scale: []float32{1, 1}, Shift: []float32{-1, -1}}
	if got := side.AppendRows(nil, 2); !slices.Equal(got, []float32{0, 0}) {
		t.Errorf("zeros are %v", got)
	}
}
