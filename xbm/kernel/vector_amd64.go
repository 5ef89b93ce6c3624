package kernel

func (kd kind) dot(a, b []float32) float32 {
	sameLength("Dot", a, b)
	switch {
	case len(a) == 0:
		return 0
	case kd == avx512:
		return dotAVX512(&a[0], &b[0], len(a))
	case kd == avx2:
		return dotAVX2(&a[0], &b[0], len(a))
	default:
		return dotPortable(a, b)
	}
}

func (kd kind) axpy(dst []float32, alpha float32, x []float32) {
	sameLength("Axpy", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		axpyAVX512(&dst[0], alpha, &x[0], len(x))
	case kd == avx2:
		axpyAVX2(&dst[0], alpha, &x[0], len(x))
	default:
		axpyPortable(dst, alpha, x)
	}
}

func (kd kind) scale(dst []float32, alpha float32, x []float32) {
	sameLength("Scale", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		scaleAVX512(&dst[0], alpha, &x[0], len(x))
	case kd == avx2:
		scaleAVX2(&dst[0], alpha, &x[0], len(x))
	default:
		scalePortable(dst, alpha, x)
	}
}

func (kd kind) squaredDistance(a, b []float32) float64 {
	sameLength("SquaredDistance", a, b)
	whole := len(a) / 16 * 16
	if kd == portable || whole == 0 {
		return squaredDistancePortable(a, b)
	}
	rest := squaredDistancePortable(a[whole:], b[whole:])
	if kd == avx512 {
		return squaredDistanceAVX512(&a[0], &b[0], whole) + rest
	}
	return squaredDistanceAVX2(&a[0], &b[0], whole) + rest
}
