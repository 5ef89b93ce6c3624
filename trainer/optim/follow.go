package optim

import "crossbatch/backbone/arithmetic"

// Follow moves value towards target, of one length: value = momentum·value +
// (1-momentum)·target, for a momentum from 0, which copies target, to 1, which
// leaves value as it is. It is how the weights of a momentum encoder come about.
//
//	Kaiming He, Haoqi Fan, Yuxin Wu, Saining Xie, Ross Girshick. Momentum Contrast
//	for Unsupervised Visual Representation Learning. CVPR 2020.
//	https://arxiv.org/abs/1911.05722 (equation 2)
func Follow(value, target []float32, momentum float64) {
	m := float32(momentum)
	if m == 0 {
		copy(value, target) // also where value is not finite
		return
	}
	// 1-m is exact from ½ on: what is equal stays equal but for rounding.
	arithmetic.Combine(value, value, target, m, 1-m, 0, 0)
}
