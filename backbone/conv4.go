package backbone

import (
	"fmt"

	"crossbatch/backbone/network"
)

// Conv4 is four blocks of 3×3 convolution, batch normalisation, 2×2 max pooling
// and ReLU, for small images: the embedding network of
//
//	Jake Snell, Kevin Swersky, Richard Zemel, Prototypical Networks for
//	Few-shot Learning, NeurIPS 2017, https://arxiv.org/abs/1703.05175.
//
// Unlike there, a head maps to any number of dimensions, and pooling comes
// before the ReLU: the two commute, and so the ReLU has a quarter of the work.
const Conv4 = "conv4"

func conv4(b *network.Builder, c Config) network.Value {
	x := b.Images()
	for i := range 4 {
		block := fmt.Sprintf("blocks.%d.", i)
		x = b.Convolution(x, block+"conv", network.Convolution{Filters: c.Filters, Size: 3, Stride: 1, Pad: 1, Bias: c.NoBatchNorm})
		if !c.NoBatchNorm {
			x = b.BatchNorm(x, block+"bn")
		}
		x = b.ReLU(b.MaxPool(x, network.MaxPool{Size: 2, Stride: 2}))
	}
	return x
}
