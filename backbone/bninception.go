package backbone

import "crossbatch/backbone/network"

// BNInception is the network of
//
//	Sergey Ioffe, Christian Szegedy, Batch Normalization: Accelerating Deep
//	Network Training by Reducing Internal Covariate Shift, ICML 2015,
//	https://arxiv.org/abs/1502.03167, figure 5,
//
// which most papers of deep metric learning begin from, with the names of the
// parameters, the biases before batch normalisation and the input of its published
// weights (Cadene's, https://github.com/Cadene/pretrained-models.pytorch): blue,
// green, red from 0 to 255 less 104, 117 and 128, which photographs are brought to.
// Unlike there, the running statistics move by a tenth in a step, as everywhere here.
// Heights and widths are multiples of 32.
const BNInception = "bninception"

// bnBlock is the filters of a block: 1×1, none in those that halve the size; 3×3
// with those before it; two of 3×3 with those before them; after the pooling.
type bnBlock struct {
	name                                            string
	one, before3, three, beforeDouble, double, pool int
	maxPool                                         bool
}

func bninception(b *network.Builder, c Config) network.Value {
	width := func(filters int) int { return max(1, filters*c.Filters/64) }
	conv := func(x network.Value, name string, filters, size, stride int) network.Value {
		x = b.Convolution(x, name, network.Convolution{Filters: width(filters), Size: size, Stride: stride, Pad: size / 2, Bias: true})
		return b.ReLU(b.BatchNorm(x, name+"_bn"))
	}
	halve := network.MaxPool{Size: 3, Stride: 2, Ceil: true}
	x := b.Images()
	if c.Channels == 3 {
		x = b.Apply(blueGreenRed(), nil, x)
	}
	x = b.MaxPool(conv(x, "conv1_7x7_s2", 64, 7, 2), halve)
	x = conv(x, "conv2_3x3_reduce", 64, 1, 1)
	x = b.MaxPool(conv(x, "conv2_3x3", 192, 3, 1), halve)
	for _, i := range []bnBlock{
		{"inception_3a_", 64, 64, 64, 64, 96, 32, false},
		{"inception_3b_", 64, 64, 96, 64, 96, 64, false},
		{"inception_3c_", 0, 128, 160, 64, 96, 0, true},
		{"inception_4a_", 224, 64, 96, 96, 128, 128, false},
		{"inception_4b_", 192, 96, 128, 96, 128, 128, false},
		{"inception_4c_", 160, 128, 160, 128, 160, 128, false},
		{"inception_4d_", 96, 128, 192, 160, 192, 128, false},
		{"inception_4e_", 0, 128, 192, 192, 256, 0, true},
		{"inception_5a_", 352, 192, 320, 160, 224, 128, false},
		{"inception_5b_", 352, 192, 320, 192, 224, 128, true},
	} {
		stride := 1
		var all []network.Value
		if i.one == 0 {
			stride = 2
		} else {
			all = append(all, conv(x, i.name+"1x1", i.one, 1, 1))
		}
		three := conv(x, i.name+"3x3_reduce", i.before3, 1, 1)
		all = append(all, conv(three, i.name+"3x3", i.three, 3, stride))
		double := conv(x, i.name+"double_3x3_reduce", i.beforeDouble, 1, 1)
		double = conv(double, i.name+"double_3x3_1", i.double, 3, 1)
		all = append(all, conv(double, i.name+"double_3x3_2", i.double, 3, stride))
		switch {
		case stride == 2:
			all = append(all, b.MaxPool(x, halve))
		case i.maxPool:
			all = append(all, conv(b.MaxPool(x, network.MaxPool{Size: 3, Stride: 1, Pad: 1, Ceil: true}), i.name+"pool_proj", i.pool, 1, 1))
		default:
			all = append(all, conv(b.Apply(network.AveragePool{Size: 3, Stride: 1, Pad: 1}, nil, x), i.name+"pool_proj", i.pool, 1, 1))
		}
		x = b.Concat(all...)
	}
	return pooled(b, x, c)
}
