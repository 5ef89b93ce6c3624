package network

// Convolution adds one, with name.weight and, where op.Bias says so, name.bias.
func (b *Builder) Convolution(x Value, name string, op Convolution) Value {
	parameters := []int{b.Weight(name+".weight", ReLUGain, op.Filters, b.Shape(x)[0], op.Size, op.Size)}
	if op.Bias {
		parameters = append(parameters, b.Bias(name+".bias", parameters[0]))
	}
	return b.Apply(op, parameters, x)
}

// BatchNorm adds one, with PyTorch's defaults.
func (b *Builder) BatchNorm(x Value, name string) Value {
	return b.BatchNormOf(x, name, BatchNorm{Epsilon: epsilon, Momentum: momentum})
}

// BatchNormOf adds one, with name.weight, name.bias, name.running_mean and
// name.running_var, frozen where the builder freezes.
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

// ReLU adds one.
func (b *Builder) ReLU(x Value) Value { return b.Apply(ReLU{}, nil, x) }

// MaxPool adds one.
func (b *Builder) MaxPool(x Value, op MaxPool) Value { return b.Apply(op, nil, x) }

// GlobalAverage adds one.
func (b *Builder) GlobalAverage(x Value) Value { return b.Apply(GlobalAverage{}, nil, x) }

// GlobalMax adds one.
func (b *Builder) GlobalMax(x Value) Value { return b.Apply(GlobalMax{}, nil, x) }

// Sum adds the sum of x and y.
func (b *Builder) Sum(x, y Value) Value { return b.Apply(Add{}, nil, x, y) }

// GELU adds one.
func (b *Builder) GELU(x Value) Value { return b.Apply(GELU{}, nil, x) }

// Concat adds one.
func (b *Builder) Concat(x ...Value) Value { return b.Apply(Concat{}, nil, x...) }

// Linear adds one, with name.weight, of variance gain/inputs, and name.bias.
func (b *Builder) Linear(x Value, name string, gain float64, outputs int) Value {
	weight := b.Weight(name+".weight", gain, outputs, Elements(b.Shape(x)))
	return b.Apply(Linear{Outputs: outputs}, []int{weight, b.Bias(name+".bias", weight)}, x)
}

// LayerNorm adds one, with PyTorch's default.
func (b *Builder) LayerNorm(x Value, name string) Value {
	return b.LayerNormOf(x, name, LayerNorm{Epsilon: epsilon})
}

// LayerNormOf adds one, with name.weight and name.bias.
func (b *Builder) LayerNormOf(x Value, name string, op LayerNorm) Value {
	dim := b.last(x)
	return b.Apply(op, []int{
		b.Constant(name+".weight", 1, dim),
		b.Constant(name+".bias", 0, dim),
	}, x)
}

// Dropout adds one, without its parameter: that is for Count to add, so that it
// can come after the parameters of what follows.
func (b *Builder) Dropout(x Value, share float64, seed uint64) Value {
	return b.Apply(Dropout{Share: share, Seed: seed}, nil, x)
}

// Count adds name.steps, the buffer in which the dropout that gave v counts
// training passes.
func (b *Builder) Count(v Value, name string) {
	b.n.Nodes[v-1].Parameters = []int{b.Buffer(name+".steps", 0, 1)}
}

// Normalize brings x to unit length.
func (b *Builder) Normalize(x Value) Value { return b.Apply(Normalize{}, nil, x) }
