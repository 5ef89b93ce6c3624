package network

import (
	"fmt"
	"math"
	"slices"
)

// Builder puts a network together. A method that takes values adds an operation with
// its parameters, whose names begin with name, and returns its result. A method that
// takes a shape adds a parameter and returns its place in Network.Parameters. Finish
// returns the first mistake; results after it have no meaning. Not safe for
// concurrent use.
type Builder struct {
	// FreezeBatchNorm freezes the batch normalisations that are added, FreezeAll
	// every parameter. Head says that what is added is the head. They may change
	// on the way.
	FreezeBatchNorm, FreezeAll, Head bool

	n   Network
	err error
}

// The gains of initial weights, whose variance is gain/fan-in. LinearGain keeps the
// variance of what passes a linear map. ReLUGain does so where a ReLU follows, which
// halves it.
//
//	Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun,
//	Delving Deep into Rectifiers: Surpassing Human-Level Performance on
//	ImageNet Classification, ICCV 2015, https://arxiv.org/abs/1502.01852,
//	equation 10 and the note on its first layer.
const (
	LinearGain = 1
	ReLUGain   = 2
)

// PyTorch's defaults: what is added to a variance, and the weight of a batch in
// the running statistics.
const (
	epsilon  = 1e-5
	momentum = 0.1
)

// NewBuilder begins a network over images of a shape, such as channels, height
// and width.
func NewBuilder(input ...int) *Builder { return &Builder{n: Network{Input: input}} }

// Finish returns the network whose output is v, or the first mistake.
func (b *Builder) Finish(v Value) (*Network, error) {
	if b.err != nil {
		return nil, b.err
	}
	n := b.n
	n.Output = v
	return &n, nil
}

// Images is the input.
func (b *Builder) Images() Value { return Images }

// Shape is the shape of a value for one image.
func (b *Builder) Shape(v Value) []int { return shapeOf(b.n.Input, b.n.Nodes, v) }

// Apply adds an operation on parameters that are there already, given by their
// places, and returns its result.
func (b *Builder) Apply(op Op, parameters []int, inputs ...Value) Value {
	shapes := make([][]int, len(inputs))
	for i, v := range inputs {
		shapes[i] = b.Shape(v)
	}
	shape, err := op.Shape(shapes...)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("%T: %w", op, err)
	}
	if err != nil {
		shape = []int{1, 1, 1} // of no meaning
	}
	b.n.Nodes = append(b.n.Nodes, Node{Op: op, Inputs: inputs, Parameters: parameters, Shape: slices.Clone(shape)})
	return Value(len(b.n.Nodes))
}

// Parameter adds p as it is, frozen where the builder freezes, and returns its
// place.
func (b *Builder) Parameter(p Parameter) int {
	if b.Has(p.Name) && b.err == nil {
		b.err = fmt.Errorf("two parameters are called %s", p.Name)
	}
	p.Head = b.Head
	p.Frozen = p.Frozen || b.FreezeAll && !p.Buffer
	b.n.Parameters = append(b.n.Parameters, p)
	return len(b.n.Parameters) - 1
}

// Has reports whether there is a parameter of this name.
func (b *Builder) Has(name string) bool {
	return slices.ContainsFunc(b.n.Parameters, func(p Parameter) bool { return p.Name == name })
}

// Weight adds a parameter of normal numbers of variance gain/fan-in; the first
// dimension of shape is the outputs, the others make the fan-in.
func (b *Builder) Weight(name string, gain float64, shape ...int) int {
	inputs := fanIn(shape)
	return b.Parameter(Parameter{Name: name, Shape: shape, Deviation: math.Sqrt(gain / float64(inputs)), Inputs: inputs})
}

// fanIn is how many numbers go into each output by a weight of a shape.
func fanIn(shape []int) int { return Elements(shape) / max(shape[0], 1) }

// Bias adds the bias of the weight at this place, which starts as 0, and returns its
// own place.
func (b *Builder) Bias(name string, weight int) int {
	w := b.n.Parameters[weight]
	return b.Parameter(Parameter{Name: name, Shape: []int{w.Shape[0]}, Inputs: w.Inputs})
}

// Constant adds a parameter that starts as v everywhere.
func (b *Builder) Constant(name string, v float32, shape ...int) int {
	return b.Parameter(Parameter{Name: name, Shape: shape, Start: v})
}

// Buffer adds a buffer that starts as v everywhere.
func (b *Builder) Buffer(name string, v float32, shape ...int) int {
	return b.Parameter(Parameter{Name: name, Shape: shape, Start: v, Buffer: true})
}
