package backbone

import (
	"fmt"

	"crossbatch/backbone/network"
)

// MobileNetV3Small and MobileNetV3Large are the networks of
//
//	Andrew Howard, Mark Sandler, Grace Chu, Liang-Chieh Chen, Bo Chen, Mingxing Tan,
//	Weijun Wang, Yukun Zhu, Ruoming Pang, Vijay Vasudevan, Quoc V. Le, Hartwig Adam,
//	Searching for MobileNetV3, ICCV 2019, https://arxiv.org/abs/1905.02244, tables 1
//	and 2,
//
// with torchvision's names of the parameters. The features are what enters its last
// layer, after the first of the classifier.
const (
	MobileNetV3Small = "mobilenetv3-small"
	MobileNetV3Large = "mobilenetv3-large"
)

// mobileBlock is a bottleneck: the size of its filters, the channels in between and
// after it, whether its channels are weighed, whether its activation is HardSwish,
// and its stride.
type mobileBlock struct {
	size, expanded, filters int
	weighed, hard           bool
	stride                  int
}

func mobileNetV3Small(b *network.Builder, c Config) network.Value {
	return mobileNetV3(b, c, 1024, []mobileBlock{
		{3, 16, 16, true, false, 2},
		{3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
		{5, 96, 40, true, true, 2}, {5, 240, 40, true, true, 1}, {5, 240, 40, true, true, 1},
		{5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},
		{5, 288, 96, true, true, 2}, {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1},
	})
}

func mobileNetV3Large(b *network.Builder, c Config) network.Value {
	return mobileNetV3(b, c, 1280, []mobileBlock{
		{3, 16, 16, false, false, 1},
		{3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
		{5, 72, 40, true, false, 2}, {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
		{3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1}, {3, 184, 80, false, true, 1},
		{3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
		{5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1},
	})
}

func mobileNetV3(b *network.Builder, c Config, last int, blocks []mobileBlock) network.Value {
	width := func(filters int) int { return eights(float64(filters*c.Filters) / 16) }
	norm := func(x network.Value, name string) network.Value {
		return b.BatchNormOf(x, name, network.BatchNorm{Epsilon: 1e-3, Momentum: 0.01})
	}
	activation := func(x network.Value, hard bool) network.Value {
		if hard {
			return b.Apply(network.HardSwish{}, nil, x)
		}
		return b.ReLU(x)
	}
	conv := func(x network.Value, name string, filters, size, stride int) network.Value {
		x = b.Convolution(x, name+".0", network.Convolution{Filters: filters, Size: size, Stride: stride, Pad: size / 2})
		return norm(x, name+".1")
	}
	x := activation(conv(b.Images(), "features.0", width(16), 3, 2), true)
	for i, m := range blocks {
		layer := 0
		name := func() string {
			layer++
			return fmt.Sprintf("features.%d.block.%d", i+1, layer-1)
		}
		expanded, y := width(m.expanded), x
		if expanded != b.Shape(x)[0] {
			y = activation(conv(y, name(), expanded, 1, 1), m.hard)
		}
		deep := name()
		y = b.Depthwise(y, deep+".0", network.Depthwise{Size: m.size, Stride: m.stride, Pad: m.size / 2})
		y = activation(norm(y, deep+".1"), m.hard)
		if m.weighed {
			y = b.SqueezeExcite(y, name(), eights(float64(expanded/4)))
		}
		y = conv(y, name(), width(m.filters), 1, 1)
		if m.stride == 1 && b.Shape(x)[0] == b.Shape(y)[0] {
			y = b.Sum(x, y)
		}
		x = y
	}
	x = activation(conv(x, fmt.Sprintf("features.%d", len(blocks)+1), 6*b.Shape(x)[0], 1, 1), true)
	x = b.Linear(pooled(b, x, c), "classifier.0", network.ReLUGain, width(last))
	return activation(x, true)
}

// eights is the multiple of 8 next to n, at least 8, and not under nine tenths of n.
func eights(n float64) int {
	m := max(8, int(n+4)/8*8)
	if float64(m) < 0.9*n {
		m += 8
	}
	return m
}
