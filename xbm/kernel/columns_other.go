//go:build !amd64

package kernel

func (kind) multiply(dst, x, y []float32) {
	sameLength("Multiply", dst, x)
	sameLength("Multiply", dst, y)
	multiplyPortable(dst, x, y)
}

func (kind) adjust(dst, x, factor, shift []float32) float32 {
	sameLength("Adjust", dst, x)
	sameLength("Adjust", dst, factor)
	sameLength("Adjust", dst, shift)
	return adjustPortable(dst, x, factor, shift)
}
