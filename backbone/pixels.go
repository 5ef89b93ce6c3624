package backbone

import "crossbatch/backbone/network"

// Photographs come to a network with ImageNet's mean and deviation of red, green
// and blue: a pixel v is (v/255 - mean)/deviation.
func imageNet() (mean, deviation [3]float32) {
	return [3]float32{0.485, 0.456, 0.406}, [3]float32{0.229, 0.224, 0.225}
}

// halves brings photographs to mean ½ and deviation ½.
func halves() network.Rescale {
	mean, deviation := imageNet()
	op := network.Rescale{From: []int{0, 1, 2}}
	for c := range mean {
		op.Factor = append(op.Factor, deviation[c]/0.5)
		op.Shift = append(op.Shift, (mean[c]-0.5)/0.5)
	}
	return op
}

// blueGreenRed brings photographs to blue, green and red from 0 to 255, less 104,
// 117 and 128.
func blueGreenRed() network.Rescale {
	mean, deviation := imageNet()
	op := network.Rescale{From: []int{2, 1, 0}}
	for c, less := range []float32{104, 117, 128} {
		op.Factor = append(op.Factor, deviation[2-c]*255)
		op.Shift = append(op.Shift, mean[2-c]*255-less)
	}
	return op
}
