package arithmetic

func (kd kind) finishRows(x []float32, step int, other []float32, otherStep int, bias []float32, floor float32, rows int) {
	n := len(bias)
	switch {
	case kd == portable:
		finishRowsPortable(x, step, other, otherStep, bias, floor, rows)
	case kd == avx512 && other == nil:
		finishRowsAVX512(&x[0], step, &bias[0], floor, rows, n)
	case kd == avx512:
		finishSumsAVX512(&x[0], step, &other[0], otherStep, &bias[0], floor, rows, n)
	case other == nil:
		finishRowsAVX2(&x[0], step, &bias[0], floor, rows, n)
	default:
		finishSumsAVX2(&x[0], step, &other[0], otherStep, &bias[0], floor, rows, n)
	}
}
