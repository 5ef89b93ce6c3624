package kernel

// Dot returns the inner product of a and b, which have one length.
func Dot(a, b []float32) float32 { return native.dot(a, b) }

// SumSquares returns the sum of the squares of x.
func SumSquares(x []float32) float32 { return native.dot(x, x) }

// Axpy adds alpha·x to dst, element by element; both have one length.
func Axpy(dst []float32, alpha float32, x []float32) { native.axpy(dst, alpha, x) }

// Scale stores alpha·x in dst, element by element; both have one length. They
// may be the same slice.
func Scale(dst []float32, alpha float32, x []float32) { native.scale(dst, alpha, x) }

// SquaredDistance returns Σ(a-b)² in float64; a and b have one length.
func SquaredDistance(a, b []float32) float64 { return native.squaredDistance(a, b) }

func squaredDistancePortable(a, b []float32) float64 {
	var sum float64
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += d * d
	}
	return sum
}

func sameLength(name string, a, b []float32) {
	if len(a) != len(b) {
		panic("kernel: slices of different lengths in " + name)
	}
}

// dotPortable sums in four chains, as the processor can hold more than one
// addition. Its conversions, as those of axpyPortable, forbid fusing.
func dotPortable(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float32(a[0] * b[0])
		s1 += float32(a[1] * b[1])
		s2 += float32(a[2] * b[2])
		s3 += float32(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i, x := range a {
		s0 += float32(x * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func axpyPortable(dst []float32, alpha float32, x []float32) {
	for i, v := range x {
		dst[i] += float32(alpha * v)
	}
}

func scalePortable(dst []float32, alpha float32, x []float32) {
	for i, v := range x {
		dst[i] = alpha * v
	}
}
