package network

// Depthwise is a convolution of each channel of an image with a filter of its own.
// Its parameter is the filters (channels × 1 × size × size).
type Depthwise struct{ Size, Stride, Pad int }

// HardSwish is x·HardSigmoid(x), of any shape.
//
//	Andrew Howard, Mark Sandler, Grace Chu, Liang-Chieh Chen, Bo Chen, Mingxing Tan,
//	Weijun Wang, Yukun Zhu, Ruoming Pang, Vijay Vasudevan, Quoc V. Le, Hartwig Adam,
//	Searching for MobileNetV3, ICCV 2019, https://arxiv.org/abs/1905.02244,
//	section 5.2.
type HardSwish struct{}

// HardSigmoid is min(max((x+3)/6, 0), 1), of any shape.
type HardSigmoid struct{}

// Gate multiplies each channel of an image, its first input, by the number of its
// place in a row, its second.
type Gate struct{}

// Shape of a convolution channel by channel.
func (o Depthwise) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 3 {
		return nil, errShapes(o, in)
	}
	return slide(in[0][0], o.Size, o.Stride, o.Pad, false, in)
}

// Shape of a HardSwish: the input's.
func (o HardSwish) Shape(in ...[]int) ([]int, error) { return same(o, in, 1) }

// Shape of a HardSigmoid: the input's.
func (o HardSigmoid) Shape(in ...[]int) ([]int, error) { return same(o, in, 1) }

// Shape of a gate: the image's.
func (o Gate) Shape(in ...[]int) ([]int, error) {
	if len(in) != 2 || len(in[0]) != 3 || len(in[1]) != 1 || in[0][0] != in[1][0] {
		return nil, errShapes(o, in)
	}
	return in[0], nil
}

// Depthwise adds a depthwise convolution of x, with name.weight.
func (b *Builder) Depthwise(x Value, name string, op Depthwise) Value {
	return b.Apply(op, []int{b.Weight(name+".weight", ReLUGain, b.Shape(x)[0], 1, op.Size, op.Size)}, x)
}

// SqueezeExcite weighs the channels of x by what a small network makes of their
// means: name.fc1 to so many numbers, a ReLU, name.fc2 and a HardSigmoid, whose
// weights are those of 1×1 convolutions.
//
//	Jie Hu, Li Shen, Gang Sun, Squeeze-and-Excitation Networks, CVPR 2018,
//	https://arxiv.org/abs/1709.01507.
func (b *Builder) SqueezeExcite(x Value, name string, squeezed int) Value {
	channels := b.Shape(x)[0]
	linear := func(x Value, name string, outputs int) Value {
		weight := b.Weight(name+".weight", ReLUGain, outputs, Elements(b.Shape(x)), 1, 1)
		return b.Apply(Linear{Outputs: outputs}, []int{weight, b.Bias(name+".bias", weight)}, x)
	}
	s := b.ReLU(linear(b.GlobalAverage(x), name+".fc1", squeezed))
	s = b.Apply(HardSigmoid{}, nil, linear(s, name+".fc2", channels))
	return b.Apply(Gate{}, nil, x, s)
}
