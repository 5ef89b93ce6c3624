package kernel

// Multiply stores x·y, element by element. dst may be x or y.
func Multiply(dst, x, y []float32) { native.multiply(dst, x, y) }

// Adjust stores factor·x + shift, element by element, and returns the sum of the
// squares of what it stores. dst and x may be the same.
func Adjust(dst, x, factor, shift []float32) float32 { return native.adjust(dst, x, factor, shift) }

func multiplyPortable(dst, x, y []float32) {
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

func adjustPortable(dst, x, factor, shift []float32) float32 {
	var sum float32
	for i, v := range x {
		y := float32(v*factor[i]) + shift[i]
		dst[i] = y
		sum += float32(y * y)
	}
	return sum
}
