package arithmetic

func (kd kind) gelu(dst, x []float32) {
	sameLength("GELU", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		geluAVX512(&dst[0], &x[0], len(x))
	case kd == avx2:
		geluAVX2(&dst[0], &x[0], len(x))
	default:
		geluPortable(dst, x)
	}
}

func (kd kind) hardSigmoid(dst, x []float32) {
	sameLength("HardSigmoid", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		hardSigmoidAVX512(&dst[0], &x[0], len(x))
	case kd == avx2:
		hardSigmoidAVX2(&dst[0], &x[0], len(x))
	default:
		hardSigmoidPortable(dst, x)
	}
}

func (kd kind) hardSwish(dst, x []float32) {
	sameLength("HardSwish", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		hardSwishAVX512(&dst[0], &x[0], len(x))
	case kd == avx2:
		hardSwishAVX2(&dst[0], &x[0], len(x))
	default:
		hardSwishPortable(dst, x)
	}
}

func (kd kind) larger(dst, x, y []float32) {
	sameLength("Larger", dst, x)
	sameLength("Larger", dst, y)
	switch {
	case len(x) == 0:
	case kd == avx512:
		largerAVX512(&dst[0], &x[0], &y[0], len(x))
	case kd == avx2:
		largerAVX2(&dst[0], &x[0], &y[0], len(x))
	default:
		largerPortable(dst, x, y)
	}
}

func (kd kind) depthwise(dst []float32, dstStep int, x []float32, xStep, xRow int, w []float32, size, n, count int) {
	switch kd {
	case avx512:
		depthwiseAVX512(&dst[0], dstStep, &x[0], xStep, xRow, n, &w[0], size, n, count)
	case avx2:
		depthwiseAVX2(&dst[0], dstStep, &x[0], xStep, xRow, n, &w[0], size, n, count)
	default:
		depthwisePortable(dst, dstStep, x, xStep, xRow, w, size, n, count)
	}
}
