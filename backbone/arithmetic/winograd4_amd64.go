package arithmetic

func (kd kind) winograd4(m winogradMap, dst, src Squares, n, count int) {
	check4(m, dst, src, n, count)
	if n <= 0 || count <= 0 {
		return
	}
	if kd == portable {
		winograd4Portable(m, dst, src, n, count)
		return
	}
	d, s := &dst.Data[dst.From], &src.Data[src.From]
	wide := kd == avx512
	switch {
	case m == imageTile && wide:
		winograd4ImageAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == imageTile:
		winograd4ImageAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == filterTile && wide:
		winograd4FilterAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == filterTile:
		winograd4FilterAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputTile && wide:
		winograd4OutputAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputTile:
		winograd4OutputAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputGradient && wide:
		winograd4OutputGradientAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputGradient:
		winograd4OutputGradientAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case wide:
		winograd4FilterGradientAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	default:
		winograd4FilterGradientAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	}
}
