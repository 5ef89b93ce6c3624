package backbone

import "fmt"

// smallImage is the height or width under which the networks of photographs get
// a small stem: a 3×3 convolution that keeps the size, in place of the 7×7 one
// and the pooling that leave a sixteenth.
const smallImage = 64

// resnet is the residual networks of
//
//	Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun, Deep Residual Learning for
//	Image Recognition, CVPR 2016, https://arxiv.org/abs/1512.03385, table 1,
//
// with torchvision's names of the parameters. Unlike the paper, and like
// torchvision, it is the 3×3 convolution of a bottleneck that has the stride; and
// the head maps to any number of dimensions.
func resnet(cfg Config, s *state, blocks [4]int, bottleneck bool) []layer {
	width := cfg.Filters
	var layers []layer
	if min(cfg.Height, cfg.Width) < smallImage {
		layers = append(convBlock(s, "conv1", "bn1", width, cfg.Channels, 3, 1), relu{})
	} else {
		layers = append(convBlock(s, "conv1", "bn1", width, cfg.Channels, 7, 2), relu{}, windowPool{size: 3, stride: 2, pad: 1})
	}
	channels := width
	for stage, count := range blocks {
		inner := width << stage
		outer := inner
		if bottleneck {
			outer *= 4
		}
		for i := range count {
			stride := 1
			if i == 0 && stage > 0 {
				stride = 2
			}
			name := fmt.Sprintf("layer%d.%d.", stage+1, i)
			var block residual
			if bottleneck {
				block.main = append(block.main, convBlock(s, name+"conv1", name+"bn1", inner, channels, 1, 1)...)
				block.main = append(block.main, relu{})
				block.main = append(block.main, convBlock(s, name+"conv2", name+"bn2", inner, inner, 3, stride)...)
				block.main = append(block.main, relu{})
				block.main = append(block.main, convBlock(s, name+"conv3", name+"bn3", outer, inner, 1, 1)...)
			} else {
				block.main = append(block.main, convBlock(s, name+"conv1", name+"bn1", inner, channels, 3, stride)...)
				block.main = append(block.main, relu{})
				block.main = append(block.main, convBlock(s, name+"conv2", name+"bn2", inner, inner, 3, 1)...)
			}
			if stride > 1 || channels != outer {
				block.shortcut = convBlock(s, name+"downsample.0", name+"downsample.1", outer, channels, 1, stride)
			}
			layers = append(layers, block, relu{})
			channels = outer
		}
	}
	var pool layer = globalAverage{}
	if cfg.MaxPool {
		pool = globalMax{}
	}
	return append(append(layers, pool), newHead(cfg, s, "fc", channels)...)
}

// convBlock is a convolution of odd size that keeps the image's size but for the
// stride, and batch normalisation.
func convBlock(s *state, conv, norm string, filters, channels, size, stride int) []layer {
	return []layer{
		convolution{weight: s.weight(conv+".weight", heGain, filters, channels, size, size), stride: stride, pad: size / 2},
		newBatchNorm(s, norm, filters),
	}
}
