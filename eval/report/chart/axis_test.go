package chart

import (
	"math"
	"slices"
	"testing"
)

func TestScales(t *testing.T) {
	linear := Axis{}.newScale(-1, 3, 0)
	linear.from, linear.to = 100, 20 // upwards
	for v, want := range map[float64]float64{-1: 100, 3: 20, 1: 60, -5: 100, 9: 20} {
		if got := linear.at(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("linear %v is at %v, want %v", v, got, want)
		}
	}
	// A zero stands at the beginning, the rest after the gap.
	log := Axis{Log: true}.newScale(0, 1000, 10)
	log.from, log.to = 0, 100
	for v, want := range map[float64]float64{0: 0, 10: 100 * zeroGap, 1000: 100, 100: 100*zeroGap + 50*(1-zeroGap)} {
		if got := log.at(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("log %v is at %v, want %v", v, got, want)
		}
	}
	// Nothing, one value, and nothing above zero have places too.
	for _, s := range []scale{Axis{}.newScale(2, 2, 2), Axis{Log: true}.newScale(2, 2, 2), Axis{Log: true}.newScale(0, 0, math.Inf(1))} {
		s.from, s.to = 0, 1
		if at := s.at(2); !(at >= 0 && at <= 1) {
			t.Errorf("%+v: 2 is at %v", s, at)
		}
	}
}

func TestTicks(t *testing.T) {
	for name, c := range map[string]struct {
		axis              Axis
		lo, hi, positive  float64
		about             int
		want              []string
		wantLow, wantHigh float64
	}{
		"percent":     {Axis{}, 17.2, 55.3, 17.2, 5, []string{"10", "20", "30", "40", "50", "60"}, 10, 60},
		"small":       {Axis{}, 0, 0.15, 0, 5, []string{"0", "0.05", "0.10", "0.15"}, 0, 0.15},
		"negative":    {Axis{}, -12, 11, 11, 4, []string{"-20", "-10", "0", "10", "20"}, -20, 20},
		"decades":     {Axis{Log: true}, 0.002, 300, 0.002, 6, []string{"0.01", "0.1", "1", "10", "100"}, 0.002, 300},
		"one decade":  {Axis{Log: true}, 8, 64, 8, 6, []string{"10", "20", "50"}, 8, 64},
		"from zero":   {Axis{Log: true}, 0, 20000, 100, 6, []string{"0", "100", "1000", "10,000"}, 100, 20000},
		"far decades": {Axis{Log: true}, 1e-9, 1e9, 1e-9, 6, []string{"1e-9", "1e-6", "0.001", "1", "1000", "1,000,000", "1e9"}, 1e-9, 1e9},
	} {
		s := c.axis.newScale(c.lo, c.hi, c.positive)
		s.round(c.about)
		var got []string
		for _, tick := range s.ticks(c.about) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) || math.Abs(s.lo-c.wantLow) > 1e-9 || math.Abs(s.hi-c.wantHigh) > 1e-9 {
			t.Errorf("%s: %v from %v to %v, want %v from %v to %v", name, got, s.lo, s.hi, c.want, c.wantLow, c.wantHigh)
		}
	}
}

func TestThousands(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "1510": "1510", "12345": "12,345", "-1234567.25": "-1,234,567.25", "999": "999"} {
		if got := Thousands(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
