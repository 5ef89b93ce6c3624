package kernel

import "math"

// Exp stores e^(scale·(x-top)), element by element, and returns the sum. scale
// and top are finite. Results under e^-87 are 0, so scale·x may be -Inf, and
// those above e^88 are e^88. A result is off by a few roundings of its own and
// one of the exponent: about |scale·(x-top)|·6e-8. dst and x may be the same.
func Exp(dst, x []float32, top, scale float32) float32 { return native.exp(dst, x, top, scale) }

// Chord stores √(2-2x), element by element, and 0 where x is above 1: the
// Euclidean distance of two unit vectors whose cosine is x. dst and x may be
// the same.
func Chord(dst, x []float32) { native.chord(dst, x) }

// Divide stores x/y, element by element. dst may be x or y.
func Divide(dst, x, y []float32) { native.divide(dst, x, y) }

// Raise makes least of the elements of x that are below it.
func Raise(x []float32, least float32) { native.raise(x, least) }

func expPortable(dst, x []float32, top, scale float32) float32 {
	var sum float32
	for i, v := range x {
		t := min(float32((v-top)*scale), 88)
		var y float32
		if t >= -87 {
			y = float32(math.Exp(float64(t)))
		}
		dst[i] = y
		sum += y
	}
	return sum
}

func chordPortable(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Sqrt(float64(max(0, 2-2*v))))
	}
}

func dividePortable(dst, x, y []float32) {
	for i, v := range x {
		dst[i] = v / y[i]
	}
}

func raisePortable(x []float32, least float32) {
	for i, v := range x {
		x[i] = max(v, least)
	}
}
