package eval

import (
	"math"
	"testing"
)

// The wanted numbers are SciPy 1.10's: ttest_1samp against either end of the margin, and
// t.interval(0.9).
func TestEquivalentAgainstSciPy(t *testing.T) {
	for _, c := range []struct {
		differences   []float64
		margin        float64
		mean, half, p float64
		within        bool
	}{
		{[]float64{0.3, -0.2, 0.5, 0.1, -0.4}, 1, 0.06, 0.3476936878861878, 0.0022484232597447295, true},
		{[]float64{1.2, 0.4, 0.9}, 1, 0.8333333333333334, 0.6813299687496206, 0.274582591333142, false},
		{[]float64{-0.8, -1.4, -0.2, -1.1}, 2, -0.875, 0.6028699812705973, 0.010937699391378905, true},
		{[]float64{0.1, 0.2}, 0.5, 0.15, 0.3156875757400468, 0.045167235300866554, true},
	} {
		e := Equivalent(c.differences, c.margin)
		for _, n := range [][2]float64{{e.Mean, c.mean}, {e.Half, c.half}, {e.P, c.p}} {
			if math.Abs(n[0]-n[1]) > 1e-9 {
				t.Errorf("%v within %g: %+v, want %g ± %g, p %g", c.differences, c.margin, e, c.mean, c.half, c.p)
			}
		}
		if e.Within() != c.within {
			t.Errorf("%v within %g: %v", c.differences, c.margin, e.Within())
		}
		// The tests reject where the interval lies within the margin, and there alone.
		if inside := math.Abs(e.Mean)+e.Half < c.margin; inside != e.Within() {
			t.Errorf("%v within %g: the interval says %v", c.differences, c.margin, inside)
		}
	}
}

func TestEquivalentOfFew(t *testing.T) {
	if e := Equivalent(nil, 1); !math.IsNaN(e.Mean) || e.Within() {
		t.Errorf("of none: %+v", e)
	}
	if e := Equivalent([]float64{0}, 1); e.Mean != 0 || !math.IsNaN(e.P) || e.Within() {
		t.Errorf("of one: %+v", e)
	}
	if e := Equivalent([]float64{0.5, 0.5, 0.5}, 1); !e.Within() || e.Half != 0 {
		t.Errorf("that do not scatter: %+v", e)
	}
	if e := Equivalent([]float64{1, 1}, 1); e.Within() {
		t.Errorf("at the margin: %+v", e)
	}
}
