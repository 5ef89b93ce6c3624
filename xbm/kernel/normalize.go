package kernel

import "math"

// The sum of squares of a row is taken in float32 where it lies between these:
// beyond them single squares may have been lost to the limits of the type.
const (
	leastSquares = 1e-24
	mostSquares  = 1e37
)

// NormalizeRows stores in dst the rows of x, which are dim floats long, scaled
// to length 1, and their former lengths in norms. A row of zeros stays so, with
// norm 0. dst and x have one length and may be the same slice.
func NormalizeRows(dst, norms, x []float32, dim int) { native.normalizeRows(dst, norms, x, dim) }

func (kd kind) normalizeRows(dst, norms, x []float32, dim int) {
	sameLength("NormalizeRows", dst, x)
	if dim <= 0 || len(norms)*dim != len(x) {
		panic("kernel: NormalizeRows wants a norm for every row")
	}
	const share = 1 << 15 // floats a goroutine takes at a time
	rows := max(1, share/dim)
	if len(norms) <= rows {
		kd.normalizeSerial(dst, norms, x, dim)
		return
	}
	Parallel((len(norms)+rows-1)/rows, func(s int) {
		i, end := s*rows, min(s*rows+rows, len(norms))
		kd.normalizeSerial(dst[i*dim:end*dim], norms[i:end], x[i*dim:end*dim], dim)
	})
}

func (kd kind) normalizeSerial(dst, norms, x []float32, dim int) {
	for i := range norms {
		to, from := dst[i*dim:(i+1)*dim], x[i*dim:(i+1)*dim]
		if squares := kd.dot(from, from); squares >= leastSquares && squares <= mostSquares {
			norms[i] = float32(math.Sqrt(float64(squares)))
			kd.scale(to, float32(1/math.Sqrt(float64(squares))), from)
			continue
		}
		norms[i] = normalizeExtreme(to, from)
	}
}

// normalizeExtreme is the normalization of a row too short, too long or not
// finite for sums in float32.
func normalizeExtreme(dst, x []float32) float32 {
	var squares float64
	for _, v := range x {
		squares += float64(float64(v) * float64(v))
	}
	if squares == 0 {
		clear(dst)
		return 0
	}
	norm := math.Sqrt(squares)
	for i, v := range x {
		dst[i] = float32(float64(v) / norm)
	}
	return float32(norm)
}
