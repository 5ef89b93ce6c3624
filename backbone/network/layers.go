package network

// Convolution adds a convolution of x, with name.weight and, where op.Bias says so,
// name.bias.
func (b *Builder) Convolution(x Value, name string, op Convolution) Value {
	parameters := []int{b.Weight(name+".weight", ReLUGain, op.Filters, b.Shape(x)[0], op.Size, op.Size)}
	if op.Bias {
		parameters = append(parameters, b.Bias(name+".bias", parameters[0]))
	}
	return b.Apply(op, parameters, x)
}

// BatchNorm adds a batch normalisation of x, with PyTorch's defaults: an epsilon of
// 1e-5 and a momentum of 0.1.
func (b *Builder) BatchNorm(x Value, name string) Value {
	return b.BatchNormOf(x, name, BatchNorm{Epsilon: epsilon, Momentum: momentum})
}

// BatchNormOf adds a batch normalisation of x with these settings, and with
// name.weight, name.bias, name.running_mean and name.running_var, frozen where the
// builder freezes.
func (b *Builder) BatchNormOf(x Value, name string, op BatchNorm) Value {
	op.Frozen = op.Frozen || b.FreezeBatchNorm || b.FreezeAll
	channels := b.Shape(x)[0]
	return b.Apply(op, []int{
		b.Parameter(Parameter{Name: name + ".weight", Shape: []int{channels}, Start: 1, Frozen: op.Frozen}),
		b.Parameter(Parameter{Name: name + ".bias", Shape: []int{channels}, Frozen: op.Frozen}),
		b.Buffer(name+".running_mean", 0, channels),
		b.Buffer(name+".running_var", 1, channels),
	}, x)
}

// ReLU adds a ReLU of x.
func (b *Builder) ReLU(x Value) Value { return b.Apply(ReLU{}, nil, x) }

// MaxPool adds a max pooling of x.
func (b *Builder) MaxPool(x Value, op MaxPool) Value { return b.Apply(op, nil, x) }

// GlobalAverage adds the mean of each channel of x.
func (b *Builder) GlobalAverage(x Value) Value { return b.Apply(GlobalAverage{}, nil, x) }

// GlobalMax adds the largest element of each channel of x.
func (b *Builder) GlobalMax(x Value) Value { return b.Apply(GlobalMax{}, nil, x) }

// Sum adds the sum of x and y.
func (b *Builder) Sum(x, y Value) Value { return b.Apply(Add{}, nil, x, y) }

// GELU adds a GELU of x.
func (b *Builder) GELU(x Value) Value { return b.Apply(GELU{}, nil, x) }

// Concat adds the channels of these values, one after the other.
func (b *Builder) Concat(x ...Value) Value { return b.Apply(Concat{}, nil, x...) }

// Linear adds a linear map of x, with name.weight, of variance gain/inputs, and
// name.bias. See LinearGain and ReLUGain.
func (b *Builder) Linear(x Value, name string, gain float64, outputs int) Value {
	weight := b.Weight(name+".weight", gain, outputs, Elements(b.Shape(x)))
	return b.Apply(Linear{Outputs: outputs}, []int{weight, b.Bias(name+".bias", weight)}, x)
}

// LayerNorm adds a layer normalisation of x, with PyTorch's default: an epsilon of
// 1e-5.
func (b *Builder) LayerNorm(x Value, name string) Value {
	return b.LayerNormOf(x, name, LayerNorm{Epsilon: epsilon})
}

// LayerNormOf adds a layer normalisation of x with these settings, and with
// name.weight and name.bias.
func (b *Builder) LayerNormOf(x Value, name string, op LayerNorm) Value {
	dim := b.last(x)
	return b.Apply(op, []int{
		b.Constant(name+".weight", 1, dim),
		b.Constant(name+".bias", 0, dim),
	}, x)
}

// Dropout adds a dropout of x, without its parameter. Count adds that, so that it
// can come after the parameters of what follows. share is the probability that an
// element is left out, seed that of the random generator.
func (b *Builder) Dropout(x Value, share float64, seed uint64) Value {
	return b.Apply(Dropout{Share: share, Seed: seed}, nil, x)
}

// Count adds name.steps, the buffer in which the dropout that gave v counts
// training passes.
func (b *Builder) Count(v Value, name string) {
	b.n.Nodes[v-1].Parameters = []int{b.Buffer(name+".steps", 0, 1)}
}

// Normalize adds what brings x to unit length.
func (b *Builder) Normalize(x Value) Value { return b.Apply(Normalize{}, nil, x) }
