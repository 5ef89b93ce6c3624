package arithmetic

import "math"

// GELU stores x·Φ(x), element by element, with the normal distribution's Φ, which is off
// by 1e-7 at most. dst and x may be the same.
//
//	Milton Abramowitz, Irene A. Stegun, Handbook of Mathematical Functions, 1964,
//	formula 7.1.26.
func GELU(dst, x []float32) { native.gelu(dst, x) }

// HardSigmoid stores (x+3)/6 within 0 and 1, element by element. dst and x may be the
// same.
func HardSigmoid(dst, x []float32) { native.hardSigmoid(dst, x) }

// HardSwish stores x times its HardSigmoid, element by element. dst and x may be the same.
func HardSwish(dst, x []float32) { native.hardSwish(dst, x) }

// Larger stores the larger of x and y, element by element. dst may be x or y.
func Larger(dst, x, y []float32) { native.larger(dst, x, y) }

// Depthwise stores the depthwise convolution of n channels, which lie side by side, for
// count pixels. Pixel p of the result begins at dst[p·dstStep] and its window at
// x[p·xStep]; within a window columns are n apart and rows xRow apart. w holds filters of
// size × size: n numbers for each place, row by row.
func Depthwise(dst []float32, dstStep int, x []float32, xStep, xRow int, w []float32, size, n, count int) {
	if count <= 0 || n <= 0 || size <= 0 {
		return
	}
	if dstStep < 0 || xStep < 0 || xRow < 0 || (count-1)*dstStep+n > len(dst) || size*size*n > len(w) ||
		(count-1)*xStep+(size-1)*(xRow+n)+n > len(x) {
		panic("arithmetic: pixels too short in Depthwise")
	}
	native.depthwise(dst, dstStep, x, xStep, xRow, w, size, n, count)
}

func geluPortable(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(float64(v) * math.Erfc(-float64(v)/math.Sqrt2) / 2)
		if v < -13 {
			dst[i] = 0
		}
	}
}

func hardSigmoidPortable(dst, x []float32) {
	for i, v := range x {
		dst[i] = min(max(v+3, 0), 6) / 6
	}
}

func hardSwishPortable(dst, x []float32) {
	for i, v := range x {
		dst[i] = v * (min(max(v+3, 0), 6) / 6)
	}
}

func largerPortable(dst, x, y []float32) {
	for i, v := range x {
		dst[i] = max(v, y[i])
	}
}

func depthwisePortable(dst []float32, dstStep int, x []float32, xStep, xRow int, w []float32, size, n, count int) {
	for p := range count {
		out := dst[p*dstStep : p*dstStep+n]
		clear(out)
		for k := range size * size {
			from := x[p*xStep+k/size*xRow+k%size*n:]
			for c := range out {
				out[c] += float32(from[c] * w[k*n+c])
			}
		}
	}
}
