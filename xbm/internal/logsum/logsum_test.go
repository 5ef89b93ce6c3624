package logsum

import (
	"math"
	"testing"
)

// plain is log Σ eˣ, with the largest term taken off.
func plain(xs []float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		top = math.Max(top, x)
	}
	if math.IsInf(top, -1) {
		return top
	}
	var sum float64
	for _, x := range xs {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

func TestSumEqualsItsTwin(t *testing.T) {
	lists := [][]float64{{}, {0}, {-1000, -1001}, {1000, 1e4, 5}, {3, 2, 1, 1, 2, 3}}
	same := func(what string, got, want float64) {
		t.Helper()
		if got != want && !(math.Abs(got-want) <= 1e-12*math.Max(1, math.Abs(want))) {
			t.Errorf("%s: %g, want %g", what, got, want)
		}
	}
	for _, xs := range lists {
		l, one := Empty(), One()
		for _, x := range xs {
			l.Add(x)
			one.Add(x)
		}
		same("sum", l.Value(), plain(xs))
		same("sum with 1", one.Value(), plain(append([]float64{0}, xs...)))
		if l.IsEmpty() != (len(xs) == 0) {
			t.Errorf("%v: empty %v", xs, l.IsEmpty())
		}
		for _, ys := range lists {
			if len(ys) == 0 {
				continue
			}
			joined, other := l, Empty()
			for _, y := range ys {
				other.AddTimes(y, 3)
			}
			joined.Join(other)
			same("join", joined.Value(), plain(append(append(append(append([]float64{}, xs...), ys...), ys...), ys...)))
		}
	}
}
