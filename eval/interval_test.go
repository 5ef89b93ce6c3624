package eval

import (
	"math"
	"testing"
)

func TestInterval(t *testing.T) {
	// t with 2 degrees of freedom at 97.5 % is 4.3027 (any table of it).
	mean, half := Interval([]float64{1, 2, 3})
	if mean != 2 || math.Abs(half-4.302653/math.Sqrt(3)) > 1e-5 {
		t.Errorf("%g ± %g", mean, half)
	}
	if mean, half := Interval([]float64{5}); mean != 5 || !math.IsNaN(half) {
		t.Errorf("one value: %g ± %g", mean, half)
	}
	if mean, half := Interval(nil); !math.IsNaN(mean) || !math.IsNaN(half) {
		t.Errorf("no value: %g ± %g", mean, half)
	}
}
