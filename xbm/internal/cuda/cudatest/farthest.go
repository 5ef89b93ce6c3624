package cudatest

import "math"

// Farthest is the largest difference from what is wanted, in parts of the largest number; NaN
// if one is NaN.
func Farthest(got, want []float32) float64 {
	var largest, off float64
	for i := range want {
		largest = max(largest, math.Abs(float64(want[i])))
		off = max(off, math.Abs(float64(got[i])-float64(want[i])))
		if math.IsNaN(float64(got[i])) {
			return math.NaN()
		}
	}
	return off / max(largest, 1e-12)
}
