package network

// deviation is that of what is drawn in networks of tokens, as in timm's and DINO's.
const deviation = 0.02

// normal adds a parameter of normal numbers of a small deviation.
func (b *Builder) normal(name string, shape ...int) int {
	return b.Parameter(Parameter{Name: name, Shape: shape, Deviation: deviation})
}

// normalWeight adds a weight of such numbers, and its bias.
func (b *Builder) normalWeight(name string, shape ...int) []int {
	weight := b.Parameter(Parameter{Name: name + ".weight", Shape: shape, Deviation: deviation, Inputs: fanIn(shape)})
	return []int{weight, b.Bias(name+".bias", weight)}
}

// Patches makes tokens of the images: squares of size × size that each become
// channels numbers, after a class token, with positions that are learnt for side ×
// side squares. The parameters are cls_token, pos_embed, patch_embed.proj.weight
// and .bias.
func (b *Builder) Patches(x Value, size, channels, side int) Value {
	class := b.normal("cls_token", 1, 1, channels)
	positions := b.normal("pos_embed", 1, 1+side*side, channels)
	x = b.Apply(Convolution{Filters: channels, Size: size, Stride: size, Bias: true},
		b.normalWeight("patch_embed.proj", channels, b.Shape(x)[0], size, size), x)
	shape := b.Shape(x)
	x = b.Apply(Tokens{}, []int{class}, x)
	return b.Apply(Positions{Side: side, Height: shape[1], Width: shape[2]}, []int{positions}, x)
}

// TokenLinear adds a linear map of each token, with name.weight and name.bias.
func (b *Builder) TokenLinear(x Value, name string, outputs int) Value {
	return b.Apply(Linear{Outputs: outputs, Tokens: true}, b.normalWeight(name, outputs, b.last(x)), x)
}

// Scale adds a scale of the numbers of x, with the parameter name, which starts as
// start everywhere.
func (b *Builder) Scale(x Value, name string, start float32) Value {
	return b.Apply(Scale{}, []int{b.Constant(name, start, b.last(x))}, x)
}

// last is the last dimension of a value.
func (b *Builder) last(v Value) int {
	s := b.Shape(v)
	return s[len(s)-1]
}
