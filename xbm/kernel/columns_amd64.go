package kernel

func (kd kind) multiply(dst, x, y []float32) {
	sameLength("Multiply", dst, x)
	sameLength("Multiply", dst, y)
	switch {
	case len(x) == 0:
	case kd == avx512:
		multiplyAVX512(&dst[0], &x[0], &y[0], len(x))
	case kd == avx2:
		multiplyAVX2(&dst[0], &x[0], &y[0], len(x))
	default:
		multiplyPortable(dst, x, y)
	}
}

func (kd kind) adjust(dst, x, factor, shift []float32) float32 {
	sameLength("Adjust", dst, x)
	sameLength("Adjust", dst, factor)
	sameLength("Adjust", dst, shift)
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return adjustAVX512(&dst[0], &x[0], &factor[0], &shift[0], len(x))
	case kd == avx2:
		return adjustAVX2(&dst[0], &x[0], &factor[0], &shift[0], len(x))
	}
	return adjustPortable(dst, x, factor, shift)
}
