package loss

import "math"

// rounding is how large a term can be that float32 similarities make of 0.
const rounding = 1e-6

// softplus is log(1+eˣ).
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// sigmoid is 1/(1+e⁻ˣ).
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// similarityRange is where margins lie: distances of unit rows, or similarities.
func similarityRange(euclidean bool) (lo, hi float64) {
	if euclidean {
		return 0, 2
	}
	return -1, 1
}
