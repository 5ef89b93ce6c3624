package pair

import (
	"math"
	"testing"
)

func TestUnitRowsAndTheirGradient(t *testing.T) {
	var u Unit
	u.Set([]float32{3, 4, 0, 0, 0, -0.5}, 2)
	for i, want := range []float32{0.6, 0.8, 0, 0, 0, -1} {
		if math.Abs(float64(u.Rows[i]-want)) > 1e-7 {
			t.Fatalf("rows %v", u.Rows)
		}
	}
	if u.Lengths[0] != 5 || u.Lengths[1] != 0 || u.Lengths[2] != 0.5 {
		t.Errorf("lengths %v", u.Lengths)
	}
	// Of (1, 2) the part along (0.6, 0.8) is 2.2: (1-1.32, 2-1.76)/5, twice.
	d := []float32{1, 0, 1, 1, 0, 0}
	u.AddGradient(d, 2, []float32{1, 2, 9, 9, 4, 7})
	for i, want := range []float64{1 - 0.128, 0.096, 1, 1, 16, 0} {
		if math.Abs(float64(d[i])-want) > 1e-6 {
			t.Errorf("gradient %v", d)
		}
	} // Along the unit rows.
	d = []float32{1, 0, 1, 1, 0, 0}
	u.AddLengthGradient(d, []float32{10, 3, 4})
	for i, want := range []float64{7, 8, 1, 1, 0, -4} {
		if math.Abs(float64(d[i])-want) > 1e-6 {
			t.Errorf("gradient of lengths %v", d)
		}
	}
}
