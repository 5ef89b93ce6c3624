package drift

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestDrift(t *testing.T) {
	before := []float32{1, 0, 0, 1}
	for _, c := range []struct {
		now  []float32
		want float64
	}{
		{[]float32{1, 0, 0, 1}, 0},
		{[]float32{-1, 0, 0, -1}, 4},
		{[]float32{0, 1, 0, 1}, 1}, // one row turned by a right angle: (2+0)/2
		{[]float32{1, 0.5, 0, 1}, 0.125},
	} {
		if got, err := Of(c.now, before, 2); err != nil || got != c.want {
			t.Errorf("%v: %g (%v), want %g", c.now, got, err, c.want)
		}
	}
	if got, err := Of(nil, nil, 2); err != nil || got != 0 {
		t.Errorf("of nothing: %g (%v)", got, err)
	}
	for _, bad := range [][]float32{{1, 0}, {1, 0, 0, 1, 0}} {
		if _, err := Of(bad, before, 2); err == nil || !strings.Contains(err.Error(), "give as many of both") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestErrorByAge(t *testing.T) {
	fresh := make([]float32, 6)
	stored := []float32{1, 2, 3, 4, 5, 6}
	got, err := ErrorByAge(stored, fresh, 1, []int64{5, 0, 2, 3, -1, 1})
	want := []AgeError{{0, (4. + 25) / 2, 2}, {1, 36, 1}, {2.5, (9. + 16) / 2, 2}, {5, 1, 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	if _, err := ErrorByAge(stored, fresh, 1, make([]int64, 5)); err == nil {
		t.Error("5 ages for 6 rows: not refused")
	}
	if _, err := ErrorByAge(stored, fresh[:5], 1, make([]int64, 6)); err == nil {
		t.Error("5 fresh rows for 6: not refused")
	}
}

func TestGradientError(t *testing.T) {
	exact := []float32{3, 0, 4}
	for _, c := range []struct {
		got              []float32
		relative, cosine float64
	}{
		{[]float32{3, 0, 4}, 0, 1},
		{[]float32{6, 0, 8}, 1, 1},
		{[]float32{-3, 0, -4}, 2, -1},
		{[]float32{0, 5, 0}, math.Sqrt2, 0},
		{[]float32{0, 0, 0}, 1, 0},
	} {
		relative, cosine, ok := GradientError(c.got, exact)
		if !ok || math.Abs(relative-c.relative) > 1e-15 || math.Abs(cosine-c.cosine) > 1e-15 {
			t.Errorf("%v: %g and %g (%v), want %g and %g", c.got, relative, cosine, ok, c.relative, c.cosine)
		}
	}
	if _, _, ok := GradientError(exact, make([]float32, 3)); ok {
		t.Error("an exact gradient of zero is compared with")
	}
}
