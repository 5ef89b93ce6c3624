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

// together is how many pixels share the loads of a filter.
const together = 4

func (kd kind) depthwise(dst []float32, dstStep int, x []float32, p Window, w []float32, n, count int) {
	if kd == portable {
		depthwisePortable(dst, dstStep, x, p, w, n, count)
		return
	}
	skip := 4 * (p.WRow - p.Cols*n)
	groups := count / together
	switch {
	case groups == 0:
	case kd == avx512:
		depthwiseTogetherAVX512(&dst[0], dstStep, &x[0], p.Step, p.Row, p.Col, &w[0], skip, p.Rows, p.Cols, n, groups, together*dstStep, together*p.Step)
	default:
		depthwiseTogetherAVX2(&dst[0], dstStep, &x[0], p.Step, p.Row, p.Col, &w[0], skip, p.Rows, p.Cols, n, groups, together*dstStep, together*p.Step)
	}
	done := groups * together
	switch {
	case done == count:
	case kd == avx512:
		depthwiseAVX512(&dst[done*dstStep], dstStep, &x[done*p.Step], p.Step, p.Row, p.Col, &w[0], skip, p.Rows, p.Cols, n, count-done)
	default:
		depthwiseAVX2(&dst[done*dstStep], dstStep, &x[done*p.Step], p.Step, p.Row, p.Col, &w[0], skip, p.Rows, p.Cols, n, count-done)
	}
}
