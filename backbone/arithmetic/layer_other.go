//go:build !amd64

package arithmetic

func (kind) sum(x []float32) float32 {
	return sumPortable(x)
}

func (kind) squaredDeviations(x []float32, mean float32) float32 {
	return squaredDeviationsPortable(x, mean)
}

func (kind) affine(dst, x []float32, mean, factor, shift float32) {
	sameLength("Affine", dst, x)
	affinePortable(dst, x, mean, factor, shift)
}

func (kind) combine(dst, x, y []float32, a, b, mean, c float32) {
	sameLength("Combine", dst, x)
	sameLength("Combine", dst, y)
	combinePortable(dst, x, y, a, b, mean, c)
}

func (kind) rectify(dst, x []float32) {
	sameLength("Rectify", dst, x)
	rectifyPortable(dst, x)
}

func (kind) rectified(dst, g, y []float32) {
	sameLength("Rectified", dst, g)
	sameLength("Rectified", dst, y)
	rectifiedPortable(dst, g, y)
}

func (kind) beat(best []float32, winner []int32, x []float32, k int32) {
	sameLength("Beat", best, x)
	beatPortable(best, winner[:len(x)], x, k)
}

func (kind) addWhere(dst, x []float32, winner []int32, k int32) {
	sameLength("AddWhere", dst, x)
	addWherePortable(dst, x, winner[:len(x)], k)
}

func (kind) beatFour(best []float32, winner []int32, top, bottom []float32) {
	beatFourPortable(best, winner, top, bottom)
}

func (kind) giveFour(top, bottom, x []float32, winner []int32) {
	giveFourPortable(top, bottom, x, winner)
}
