package arithmetic

type winogradKernel func(dst *float32, dstRow, dstCol int, src *float32, srcRow, srcCol, n, dstStep, srcStep, count int)

// The kernels of the maps, of AVX2 and AVX-512, for tiles of 2×2 and of 4×4.
var winograd2Kernels = [...][2]winogradKernel{
	imageTile:      {winogradImageAVX2, winogradImageAVX512},
	filterTile:     {winogradFilterAVX2, winogradFilterAVX512},
	outputTile:     {winogradOutputAVX2, winogradOutputAVX512},
	outputGradient: {winogradOutputGradientAVX2, winogradOutputGradientAVX512},
	filterGradient: {winogradFilterGradientAVX2, winogradFilterGradientAVX512},
}

var winograd4Kernels = [...][2]winogradKernel{
	imageTile:      {winograd4ImageAVX2, winograd4ImageAVX512},
	filterTile:     {winograd4FilterAVX2, winograd4FilterAVX512},
	outputTile:     {winograd4OutputAVX2, winograd4OutputAVX512},
	outputGradient: {winograd4OutputGradientAVX2, winograd4OutputGradientAVX512},
	filterGradient: {winograd4FilterGradientAVX2, winograd4FilterGradientAVX512},
}

func (kd kind) winograd(m winogradMap, tile int, dst, src Squares, n, count int) {
	m.check(tile, dst, src, n, count)
	if n <= 0 || count <= 0 {
		return
	}
	if kd == portable {
		winogradPortable(m, tile, dst, src, n, count)
		return
	}
	kernels := &winograd2Kernels[m]
	if tile == 4 {
		kernels = &winograd4Kernels[m]
	}
	run := kernels[0]
	if kd == avx512 {
		run = kernels[1]
	}
	run(&dst.Data[dst.From], dst.Row, dst.Col, &src.Data[src.From], src.Row, src.Col, n, dst.Step, src.Step, count)
}
