package backbone

import "crossbatch/backbone/network"

// GoogLeNet is the network of
//
//	Christian Szegedy, Wei Liu, Yangqing Jia, Pierre Sermanet, Scott Reed, Dragomir
//	Anguelov, Dumitru Erhan, Vincent Vanhoucke, Andrew Rabinovich, Going Deeper with
//	Convolutions, CVPR 2015, https://arxiv.org/abs/1409.4842, table 1,
//
// with torchvision's names of the parameters. Unlike the paper, and like
// torchvision, batch normalisation follows each convolution, the 5×5 convolutions
// are 3×3, and the input is brought from ImageNet's mean and deviation to ½ and
// ½, which its weights expect. The auxiliary classifiers are left out, and passed
// over where weights have them. Images are at least 16×16.
const GoogLeNet = "googlenet"

// inception is the filters of a block's branches: 1×1; 3×3 with those before it,
// twice; and after the pooling.
type inception struct {
	name                                        string
	one, before3, three, before5, five, project int
}

func googlenet(b *network.Builder, c Config) network.Value {
	width := func(filters int) int { return max(1, filters*c.Filters/64) }
	x := b.Images()
	if c.Channels == 3 {
		x = b.Apply(halves(), nil, x)
	}
	x = basicConv(b, x, "conv1", width(64), 7, 2)
	x = b.MaxPool(x, network.MaxPool{Size: 3, Stride: 2, Ceil: true})
	x = basicConv(b, x, "conv2", width(64), 1, 1)
	x = basicConv(b, x, "conv3", width(192), 3, 1)
	for _, stage := range [][]inception{{
		{"inception3a", 64, 96, 128, 16, 32, 32},
		{"inception3b", 128, 128, 192, 32, 96, 64},
	}, {
		{"inception4a", 192, 96, 208, 16, 48, 64},
		{"inception4b", 160, 112, 224, 24, 64, 64},
		{"inception4c", 128, 128, 256, 24, 64, 64},
		{"inception4d", 112, 144, 288, 32, 64, 64},
		{"inception4e", 256, 160, 320, 32, 128, 128},
	}, {
		{"inception5a", 256, 160, 320, 32, 128, 128},
		{"inception5b", 384, 192, 384, 48, 128, 128},
	}} {
		pool := network.MaxPool{Size: 3, Stride: 2, Ceil: true}
		if stage[0].name == "inception5a" {
			pool.Size = 2
		}
		x = b.MaxPool(x, pool)
		for _, i := range stage {
			one := basicConv(b, x, i.name+".branch1", width(i.one), 1, 1)
			three := basicConv(b, x, i.name+".branch2.0", width(i.before3), 1, 1)
			three = basicConv(b, three, i.name+".branch2.1", width(i.three), 3, 1)
			five := basicConv(b, x, i.name+".branch3.0", width(i.before5), 1, 1)
			five = basicConv(b, five, i.name+".branch3.1", width(i.five), 3, 1)
			project := b.MaxPool(x, network.MaxPool{Size: 3, Stride: 1, Pad: 1, Ceil: true})
			project = basicConv(b, project, i.name+".branch4.1", width(i.project), 1, 1)
			x = b.Concat(one, three, five, project)
		}
	}
	return pooled(b, x, c)
}

// basicConv is a convolution that keeps the size but for the stride, batch
// normalisation and a ReLU.
func basicConv(b *network.Builder, x network.Value, name string, filters, size, stride int) network.Value {
	x = b.Convolution(x, name+".conv", network.Convolution{Filters: filters, Size: size, Stride: stride, Pad: size / 2})
	return b.ReLU(b.BatchNormOf(x, name+".bn", network.BatchNorm{Epsilon: 1e-3, Momentum: 0.1}))
}
