//go:build !amd64

package kernel

func (kind) largest(x []float32) float32 {
	return largestPortable(x)
}

func (kind) leastAbove(x []float32, bound float32) float32 {
	return leastAbovePortable(x, bound)
}

func (kind) cut(x []float32, bound float32) {
	cutPortable(x, bound)
}

func (kind) countAbove(x []float32, bound float32) int {
	return countAbovePortable(x, bound)
}

func (kind) markAbove(dst, x []float32, bound float32) int {
	sameLength("MarkAbove", dst, x)
	return markAbovePortable(dst, x, bound)
}

func (kind) findAbove(dst []int32, x []float32, bound float32) int {
	enoughRoom(dst, len(x))
	return findAbovePortable(dst, x, bound)
}

func (kind) findAboveEach(dst []int32, x, bounds []float32) int {
	enoughRoom(dst, len(x))
	sameLength("FindAboveEach", x, bounds)
	return findAboveEachPortable(dst, x, bounds)
}

func (kind) findEqual(dst, x []int32, value int32) int {
	enoughRoom(dst, len(x))
	return findEqualPortable(dst, x, value)
}
