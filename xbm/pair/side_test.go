package pair

import (
	"math"
	"slices"
	"testing"

	"crossbatch/xbm/kernel"
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

// Rows from the middle, for each way that a side holds them.
func TestRowsAt(t *testing.T) {
	rows := []float32{9, 9, 3, 4, 0, 1, 9, 9}
	halves := make([]uint16, len(rows))
	kernel.ToHalf(halves, rows)
	for name, c := range map[string]struct {
		side Side
		want []float32
	}{
		"as they are":        {Side{Rows: rows}, []float32{3, 4, 0, 1}},
		"in 16 bits":         {Side{Halves: halves}, []float32{3, 4, 0, 1}},
		"scaled and shifted": {Side{Rows: rows, Scale: []float32{2, 1}, Shift: []float32{0, 4}}, []float32{0.6, 0.8, 0, 1}},
		"both":               {Side{Halves: halves, Scale: []float32{2, 1}, Shift: []float32{0, 4}}, []float32{0.6, 0.8, 0, 1}},
	} {
		var room []float32
		got := c.side.At(&room, 2, 1, 2)
		for i, x := range c.want {
			if len(got) != len(c.want) || math.Abs(float64(got[i]-x)) > 1e-6 {
				t.Fatalf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
}
