package arithmetic

func (kd kind) adam(a *Adam, value, grad, first, second []float32) {
	sameSteps(value, grad, first, second)
	switch {
	case len(grad) == 0:
	case kd == avx512:
		adamAVX512(&value[0], &grad[0], &first[0], &second[0], len(grad), &a.Beta1)
	case kd == avx2:
		adamAVX2(&value[0], &grad[0], &first[0], &second[0], len(grad), &a.Beta1)
	default:
		a.stepPortable(value, grad, first, second)
	}
}
