package kernel

import "math"

func (kd kind) largest(x []float32) float32 {
	switch {
	case len(x) == 0:
		return float32(math.Inf(-1))
	case kd == avx512:
		return largestAVX512(&x[0], len(x))
	case kd == avx2:
		return largestAVX2(&x[0], len(x))
	default:
		return largestPortable(x)
	}
}

func (kd kind) leastAbove(x []float32, bound float32) float32 {
	switch {
	case len(x) == 0:
		return float32(math.Inf(1))
	case kd == avx512:
		return leastAboveAVX512(&x[0], len(x), bound)
	case kd == avx2:
		return leastAboveAVX2(&x[0], len(x), bound)
	default:
		return leastAbovePortable(x, bound)
	}
}

func (kd kind) cut(x []float32, bound float32) {
	switch {
	case len(x) == 0:
	case kd == avx512:
		cutAVX512(&x[0], len(x), bound)
	case kd == avx2:
		cutAVX2(&x[0], len(x), bound)
	default:
		cutPortable(x, bound)
	}
}

func (kd kind) countAbove(x []float32, bound float32) int {
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return countAboveAVX512(&x[0], len(x), bound)
	case kd == avx2:
		return countAboveAVX2(&x[0], len(x), bound)
	default:
		return countAbovePortable(x, bound)
	}
}

func (kd kind) markAbove(dst, x []float32, bound float32) int {
	sameLength("MarkAbove", dst, x)
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return markAboveAVX512(&dst[0], &x[0], len(x), bound)
	case kd == avx2:
		return markAboveAVX2(&dst[0], &x[0], len(x), bound)
	default:
		return markAbovePortable(dst, x, bound)
	}
}

func (kd kind) findAbove(dst []int32, x []float32, bound float32) int {
	enoughRoom(dst, len(x))
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return aboveAVX512(&dst[0], &x[0], len(x), bound)
	case kd == avx2:
		return aboveAVX2(&dst[0], &x[0], len(x), bound)
	default:
		return findAbovePortable(dst, x, bound)
	}
}

func (kd kind) findAboveEach(dst []int32, x, bounds []float32) int {
	enoughRoom(dst, len(x))
	sameLength("FindAboveEach", x, bounds)
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return aboveEachAVX512(&dst[0], &x[0], &bounds[0], len(x))
	case kd == avx2:
		return aboveEachAVX2(&dst[0], &x[0], &bounds[0], len(x))
	default:
		return findAboveEachPortable(dst, x, bounds)
	}
}

func (kd kind) findEqual(dst, x []int32, value int32) int {
	enoughRoom(dst, len(x))
	switch {
	case len(x) == 0:
		return 0
	case kd == avx512:
		return equalAVX512(&dst[0], &x[0], len(x), value)
	case kd == avx2:
		return equalAVX2(&dst[0], &x[0], len(x), value)
	default:
		return findEqualPortable(dst, x, value)
	}
}
