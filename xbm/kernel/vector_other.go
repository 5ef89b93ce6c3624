//go:build !amd64

package kernel

func (kind) dot(a, b []float32) float32 {
	sameLength("Dot", a, b)
	return dotPortable(a, b)
}

func (kind) axpy(dst []float32, alpha float32, x []float32) {
	sameLength("Axpy", dst, x)
	axpyPortable(dst, alpha, x)
}

func (kind) scale(dst []float32, alpha float32, x []float32) {
	sameLength("Scale", dst, x)
	scalePortable(dst, alpha, x)
}

func (kind) squaredDistance(a, b []float32) float64 {
	sameLength("SquaredDistance", a, b)
	return squaredDistancePortable(a, b)
}
