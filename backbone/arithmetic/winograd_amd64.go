package arithmetic

func (kd kind) winograd(m winogradMap, dst, src Squares, n, count int) {
	out, in := m.sizes()
	dst.within("dst", out, n, count)
	src.within("src", in, n, count)
	if n <= 0 || count <= 0 {
		return
	}
	if kd == portable {
		winogradPortable(m, dst, src, n, count)
		return
	}
	d, s := &dst.Data[dst.From], &src.Data[src.From]
	wide := kd == avx512
	switch {
	case m == imageTile && wide:
		winogradImageAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == imageTile:
		winogradImageAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == filterTile && wide:
		winogradFilterAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == filterTile:
		winogradFilterAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputTile && wide:
		winogradOutputAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputTile:
		winogradOutputAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputGradient && wide:
		winogradOutputGradientAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case m == outputGradient:
		winogradOutputGradientAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	case wide:
		winogradFilterGradientAVX512(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	default:
		winogradFilterGradientAVX2(d, dst.Row, dst.Col, s, src.Row, src.Col, n, dst.Step, src.Step, count)
	}
}
