package pair

import (
	"math"
	"testing"
)

// logOf is log Σ e^f(x), with the largest term taken off.
func logOf(xs []float64, f func(float64) float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		top = math.Max(top, f(x))
	}
	if math.IsInf(top, -1) {
		return top
	}
	var sum float64
	for _, x := range xs {
		sum += math.Exp(f(x) - top)
	}
	return top + math.Log(sum)
}

func multiSimilarityTwin(alpha, beta, base float64) twin {
	return func(v *view) (value float64) {
		for i := range v.s {
			pos, neg := v.sides(i)
			value += softplus(logOf(pos, func(x float64) float64 { return -alpha * (x - base) })) / alpha
			value += softplus(logOf(neg, func(x float64) float64 { return beta * (x - base) })) / beta
		}
		return value / float64(len(v.s))
	}
}

func ntxentTwin(t float64) twin {
	return func(v *view) (value float64) {
		pairs := 0.0
		for i := range v.s {
			pos, neg := v.repeated(i)
			for _, p := range pos {
				value += logOf(append([]float64{p}, neg...), func(x float64) float64 { return x / t }) - p/t
				pairs++
			}
		}
		return value / math.Max(1, pairs)
	}
}

func supconTwin(t float64) twin {
	return func(v *view) (value float64) {
		count, negatives := 0.0, 0
		for i := range v.s {
			_, neg := v.sides(i)
			negatives += len(neg)
		}
		for i := range v.s {
			pos, neg := v.sides(i)
			if len(pos) == 0 || negatives == 0 {
				continue
			}
			loss := logOf(append(pos, neg...), func(x float64) float64 { return x / t })
			for _, p := range pos {
				loss -= p / t / float64(len(pos))
			}
			if loss > 0 {
				value += loss
				count++
			}
		}
		return value / math.Max(1, count)
	}
}

func TestLogSum(t *testing.T) {
	for _, xs := range [][]float64{{}, {0}, {-1000, -1001}, {1000, 1e4, 5}, {3, 2, 1, 1, 2, 3}} {
		l, one := emptyLogSum(), oneLogSum()
		for _, x := range xs {
			l.add(x)
			one.add(x)
		}
		same := func(x float64) float64 { return x }
		if want := logOf(xs, same); l.value() != want && !(math.Abs(l.value()-want) <= 1e-12*math.Abs(want)) {
			t.Errorf("%v: %g, want %g", xs, l.value(), want)
		}
		if want := logOf(append([]float64{0}, xs...), same); !(math.Abs(one.value()-want) <= 1e-12*math.Max(1, math.Abs(want))) {
			t.Errorf("1 and %v: %g, want %g", xs, one.value(), want)
		}
	}
}
