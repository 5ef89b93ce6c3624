package arithmetic

func (kd kind) sum(x []float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return sumAVX512(&x[0], len(x))
	case kd == avx2:
		return sumAVX2(&x[0], len(x))
	default:
		return sumPortable(x)
	}
}

func (kd kind) squaredDeviations(x []float32, mean float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return squaredDeviationsAVX512(&x[0], len(x), mean)
	case kd == avx2:
		return squaredDeviationsAVX2(&x[0], len(x), mean)
	default:
		return squaredDeviationsPortable(x, mean)
	}
}

func (kd kind) affine(dst, x []float32, mean, factor, shift float32) {
	sameLength("Affine", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		affineAVX512(&dst[0], &x[0], len(x), mean, factor, shift)
	case kd == avx2:
		affineAVX2(&dst[0], &x[0], len(x), mean, factor, shift)
	default:
		affinePortable(dst, x, mean, factor, shift)
	}
}

func (kd kind) combine(dst, x, y []float32, a, b, mean, c float32) {
	sameLength("Combine", dst, x)
	sameLength("Combine", dst, y)
	switch {
	case len(x) == 0:
	case kd == avx512:
		combineAVX512(&dst[0], &x[0], &y[0], len(x), a, b, mean, c)
	case kd == avx2:
		combineAVX2(&dst[0], &x[0], &y[0], len(x), a, b, mean, c)
	default:
		combinePortable(dst, x, y, a, b, mean, c)
	}
}

func (kd kind) rectify(dst, x []float32) {
	sameLength("Rectify", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		rectifyAVX512(&dst[0], &x[0], len(x))
	case kd == avx2:
		rectifyAVX2(&dst[0], &x[0], len(x))
	default:
		rectifyPortable(dst, x)
	}
}

func (kd kind) rectified(dst, g, y []float32) {
	sameLength("Rectified", dst, g)
	sameLength("Rectified", dst, y)
	switch {
	case len(y) == 0:
	case kd == avx512:
		rectifiedAVX512(&dst[0], &g[0], &y[0], len(y))
	case kd == avx2:
		rectifiedAVX2(&dst[0], &g[0], &y[0], len(y))
	default:
		rectifiedPortable(dst, g, y)
	}
}

func (kd kind) beat(best []float32, winner []int32, x []float32, k int32) {
	sameLength("Beat", best, x)
	if len(winner) != len(x) {
		panic("arithmetic: lengths differ in Beat")
	}
	switch {
	case len(x) == 0:
	case kd == avx512:
		beatAVX512(&best[0], &winner[0], &x[0], len(x), k)
	case kd == avx2:
		beatAVX2(&best[0], &winner[0], &x[0], len(x), k)
	default:
		beatPortable(best, winner, x, k)
	}
}

func (kd kind) addWhere(dst, x []float32, winner []int32, k int32) {
	sameLength("AddWhere", dst, x)
	if len(winner) != len(x) {
		panic("arithmetic: lengths differ in AddWhere")
	}
	switch {
	case len(x) == 0:
	case kd == avx512:
		addWhereAVX512(&dst[0], &x[0], &winner[0], len(x), k)
	case kd == avx2:
		addWhereAVX2(&dst[0], &x[0], &winner[0], len(x), k)
	default:
		addWherePortable(dst, x, winner, k)
	}
}

func (kd kind) beatFour(best []float32, winner []int32, top, bottom []float32) {
	switch {
	case len(best) == 0:
	case kd == avx512:
		beatFourAVX512(&best[0], &winner[0], &top[0], &bottom[0], len(best))
	case kd == avx2:
		beatFourAVX2(&best[0], &winner[0], &top[0], &bottom[0], len(best))
	default:
		beatFourPortable(best, winner, top, bottom)
	}
}

func (kd kind) giveFour(top, bottom, x []float32, winner []int32) {
	switch {
	case len(x) == 0:
	case kd == avx512:
		giveFourAVX512(&top[0], &bottom[0], &x[0], &winner[0], len(x))
	case kd == avx2:
		giveFourAVX2(&top[0], &bottom[0], &x[0], &winner[0], len(x))
	default:
		giveFourPortable(top, bottom, x, winner)
	}
}
