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

// Window is a filter, or the part of one that lies on an image, and how it goes over the
// image's pixels. Lengths are in numbers.
type Window struct {
	Rows, Cols int // of the filter
	WRow       int // from a row of the filter to the next
	Row, Col   int // from a row, and a column, of the image to the next under the filter
	Step       int // from where the filter is to where it goes next
}

// Depthwise stores, for count pixels dstStep numbers apart, Σ x·w over the rows and columns
// of a window, channel by channel: of n channels, w has n numbers for each element of the
// filter.
func Depthwise(dst []float32, dstStep int, x []float32, p Window, w []float32, n, count int) {
	if count <= 0 || n <= 0 {
		return
	}
	if p.Rows <= 0 || p.Cols <= 0 || dstStep < 0 || p.Step < 0 || p.Row < 0 || p.Col < 0 || p.WRow < 0 ||
		(count-1)*dstStep+n > len(dst) || (p.Rows-1)*p.WRow+p.Cols*n > len(w) ||
		(count-1)*p.Step+(p.Rows-1)*p.Row+(p.Cols-1)*p.Col+n > len(x) {
		panic("arithmetic: pixels too short in Depthwise")
	}
	native.depthwise(dst, dstStep, x, p, w, n, count)
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

func depthwisePortable(dst []float32, dstStep int, x []float32, p Window, w []float32, n, count int) {
	for k := range count {
		out := dst[k*dstStep : k*dstStep+n]
		clear(out)
		for e := range p.Rows * p.Cols {
			row, col := e/p.Cols, e%p.Cols
			from, weights := x[k*p.Step+row*p.Row+col*p.Col:], w[row*p.WRow+col*n:]
			for c := range out {
				out[c] += float32(from[c] * weights[c])
			}
		}
	}
}
