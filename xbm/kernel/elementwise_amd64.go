package kernel

func (kd kind) exp(dst, x []float32, top, scale float32) float32 {
	sameLength("Exp", dst, x)
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return expAVX512(&dst[0], &x[0], len(x), top, scale)
	case kd == avx2:
		return expAVX2(&dst[0], &x[0], len(x), top, scale)
	default:
		return expPortable(dst, x, top, scale)
	}
}

func (kd kind) chord(dst, x []float32) {
	sameLength("Chord", dst, x)
	switch {
	case len(x) == 0:
	case kd == avx512:
		chordAVX512(&dst[0], &x[0], len(x))
	case kd == avx2:
		chordAVX2(&dst[0], &x[0], len(x))
	default:
		chordPortable(dst, x)
	}
}

func (kd kind) divide(dst, x, y []float32) {
	sameLength("Divide", dst, x)
	sameLength("Divide", dst, y)
	switch {
	case len(x) == 0:
	case kd == avx512:
		divideAVX512(&dst[0], &x[0], &y[0], len(x))
	case kd == avx2:
		divideAVX2(&dst[0], &x[0], &y[0], len(x))
	default:
		dividePortable(dst, x, y)
	}
}

func (kd kind) raise(x []float32, least float32) {
	switch {
	case len(x) == 0:
	case kd == avx512:
		raiseAVX512(&x[0], len(x), least)
	case kd == avx2:
		raiseAVX2(&x[0], len(x), least)
	default:
		raisePortable(x, least)
	}
}
