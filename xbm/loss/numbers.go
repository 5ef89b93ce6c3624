package loss

import (
	"math"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// rounding is how large a term can be that float32 similarities make of 0.
const rounding = 1e-6

// leastLog is the most that log(1+x) can be and 1+x be 1 in float64: such a term is zero.
const leastLog = 0x1p-53

// softplus is log(1+eˣ).
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// sigmoid is 1/(1+e⁻ˣ).
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// divide divides all of x.
func divide(x []float64, by float64) {
	for i := range x {
		x[i] /= by
	}
}

// negatives is how often the negatives of a row count together.
func negatives(r *pair.Row) float64 {
	if r.Multiplicities == nil {
		return float64(kernel.CountAbove(r.Neg, pair.NoPair))
	}
	sum := 0.0
	for c, s := range r.Neg {
		if s > pair.NoPair {
			sum += r.Multiplicity(c)
		}
	}
	return sum
}

// similarityRange is where margins lie: distances of unit rows, or similarities.
func similarityRange(euclidean bool) (lo, hi float64) {
	if euclidean {
		return 0, 2
	}
	return -1, 1
}
