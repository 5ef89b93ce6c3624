package kernel

func (kd kind) fromHalf(dst []float32, src []uint16) {
	sameCount("FromHalf", len(dst), len(src))
	whole := kd.wholeVectors(len(src))
	switch {
	case whole == 0:
	case kd == avx512:
		fromHalfAVX512(&dst[0], &src[0], whole/16)
	default:
		fromHalfAVX2(&dst[0], &src[0], whole/8)
	}
	fromHalfPortable(dst[whole:], src[whole:])
}

func (kd kind) toHalf(dst []uint16, src []float32) {
	sameCount("ToHalf", len(dst), len(src))
	whole := kd.wholeVectors(len(src))
	switch {
	case whole == 0:
	case kd == avx512:
		toHalfAVX512(&dst[0], &src[0], whole/16)
	default:
		toHalfAVX2(&dst[0], &src[0], whole/8)
	}
	toHalfPortable(dst[whole:], src[whole:])
}

// wholeVectors is how many of n floats fill vectors.
func (kd kind) wholeVectors(n int) int {
	switch kd {
	case avx512:
		return n / 16 * 16
	case avx2:
		return n / 8 * 8
	default:
		return 0
	}
}
