package backbone

import (
	"math"
	"slices"
	"testing"
)

// Weights have mean 0 and variance gain/fan-in, and no two draw the same.
func TestWeight(t *testing.T) {
	s := state{seed: 5}
	for range 3 {
		p := s.weight("weight", heGain, 64, 8, 3, 3)
		var m moments
		m.add(p.value)
		variance, want := m.squares/m.count, 2./72
		// Four standard errors of a mean and of a variance of 4608 normals.
		if math.Abs(m.mean) > 4*math.Sqrt(want/m.count) || math.Abs(variance/want-1) > 4*math.Sqrt(2/m.count) {
			t.Errorf("mean %g, variance %g: want 0, %g", m.mean, variance, want)
		}
	}
	if slices.Equal(s.all[0].value, s.all[1].value) || slices.Equal(s.all[1].value, s.all[2].value) {
		t.Error("two parameters, one draw")
	}
}

func TestConstantAndBuffer(t *testing.T) {
	var s state
	c, b := s.constant("c", 1, 2), s.buffer("b", 3, 1, 2)
	if !slices.Equal(c.value, []float32{1, 1}) || len(c.grad) != 2 || !slices.Equal(b.value, []float32{3, 3}) || b.grad != nil {
		t.Errorf("%+v %+v", c, b)
	}
}
