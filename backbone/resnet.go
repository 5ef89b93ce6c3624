package backbone

import (
	"fmt"

	"crossbatch/backbone/network"
)

// ResNet18 and ResNet50 are the residual networks of
//
//	Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun, Deep Residual Learning for
//	Image Recognition, CVPR 2016, https://arxiv.org/abs/1512.03385, table 1,
//
// with torchvision's names of the parameters. Unlike the paper, and like
// torchvision, it is the 3×3 convolution of a bottleneck that has the stride; and
// the head maps to any number of dimensions.
const (
	ResNet18 = "resnet18"
	ResNet50 = "resnet50"
)

// smallImage is the height or width under which the networks of photographs get
// a small stem: a 3×3 convolution that keeps the size, in place of the 7×7 one
// and the pooling that leave a sixteenth.
const smallImage = 64

func resnet18(b *network.Builder, c Config) network.Value {
	return resnet(b, c, [4]int{2, 2, 2, 2}, basicBlock)
}

func resnet50(b *network.Builder, c Config) network.Value {
	return resnet(b, c, [4]int{3, 4, 6, 3}, bottleneck)
}

// residualBlock adds the main branch of a block, for the filters and the stride of
// its stage.
type residualBlock func(b *network.Builder, x network.Value, name string, filters, stride int) network.Value

func resnet(b *network.Builder, c Config, blocks [4]int, main residualBlock) network.Value {
	x := b.Images()
	if min(c.Height, c.Width) < smallImage {
		x = b.ReLU(convBlock(b, x, "conv1", "bn1", c.Filters, 3, 1))
	} else {
		x = b.ReLU(convBlock(b, x, "conv1", "bn1", c.Filters, 7, 2))
		x = b.MaxPool(x, network.MaxPool{Size: 3, Stride: 2, Pad: 1})
	}
	for stage, count := range blocks {
		for i := range count {
			stride := 1
			if i == 0 && stage > 0 {
				stride = 2
			}
			name := fmt.Sprintf("layer%d.%d.", stage+1, i)
			y, shortcut := main(b, x, name, c.Filters<<stage, stride), x
			if filters := b.Shape(y)[0]; stride > 1 || b.Shape(x)[0] != filters {
				shortcut = convBlock(b, x, name+"downsample.0", name+"downsample.1", filters, 1, stride)
			}
			x = b.ReLU(b.Sum(y, shortcut))
		}
	}
	return pooled(b, x, c)
}

func basicBlock(b *network.Builder, x network.Value, name string, filters, stride int) network.Value {
	x = b.ReLU(convBlock(b, x, name+"conv1", name+"bn1", filters, 3, stride))
	return convBlock(b, x, name+"conv2", name+"bn2", filters, 3, 1)
}

func bottleneck(b *network.Builder, x network.Value, name string, filters, stride int) network.Value {
	x = b.ReLU(convBlock(b, x, name+"conv1", name+"bn1", filters, 1, 1))
	x = b.ReLU(convBlock(b, x, name+"conv2", name+"bn2", filters, 3, stride))
	return convBlock(b, x, name+"conv3", name+"bn3", 4*filters, 1, 1)
}

// convBlock is a convolution of odd size that keeps the image's size but for the
// stride, and batch normalisation.
func convBlock(b *network.Builder, x network.Value, conv, norm string, filters, size, stride int) network.Value {
	x = b.Convolution(x, conv, network.Convolution{Filters: filters, Size: size, Stride: stride, Pad: size / 2})
	return b.BatchNorm(x, norm)
}

// pooled is a number of each channel: the mean, or with Config.MaxPool the largest.
func pooled(b *network.Builder, x network.Value, c Config) network.Value {
	if c.MaxPool {
		return b.GlobalMax(x)
	}
	return b.GlobalAverage(x)
}
