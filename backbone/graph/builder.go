package graph

import (
	"fmt"
	"slices"

	"crossbatch/backbone/network"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// builder puts a graph together for one batch size. Its methods panic where
// gorgonia refuses: that would be a mistake in this package.
type builder struct {
	graph   *gorgonia.ExprGraph
	mode    Mode
	scratch *Scratch
	owner   *Graph // that is built

	described []network.Parameter
	arrays    []Array

	trained gorgonia.Nodes          // the parameters that have a gradient
	grads   [][]float32             // theirs, in the same order
	places  []int                   // theirs among the parameters; -1: none of them
	moves   map[*gorgonia.Node]bool // nodes that a parameter's training changes
	side    map[*gorgonia.Node]bool // images whose channels lie side by side
	ops     int
}

// apply adds the operation of n, with a ReLU after it where rectify says so, and returns
// its result.
func (b *builder) apply(n *network.Node, rectify bool, in []*gorgonia.Node) *gorgonia.Node {
	p := n.Parameters
	switch op := n.Op.(type) {
	case network.Convolution:
		return b.convolution(op, p, in[0])
	case network.Depthwise:
		return b.depthwise(op, p, in[0])
	case network.BatchNorm:
		return b.batchNorm(op, p, in[0], rectify)
	case network.ReLU:
		return b.relu(in[0])
	case network.HardSwish:
		return b.hardSwish(in[0])
	case network.HardSigmoid:
		return b.hardSigmoid(in[0])
	case network.Gate:
		return b.gate(in[0], in[1])
	case network.MaxPool:
		return b.windowPool(op, n.Shape, in[0])
	case network.AveragePool:
		return b.averagePool(op, in[0])
	case network.GlobalAverage:
		return b.globalAverage(in[0])
	case network.GlobalMax:
		return b.globalMax(in[0])
	case network.Add:
		return b.sum(in[0], in[1], rectify)
	case network.Concat:
		return b.concat(in)
	case network.Rescale:
		return b.rescale(op, b.planes(in[0]))
	case network.Tokens:
		return b.tokens(p, in[0])
	case network.Positions:
		return b.positions(op, p, in[0])
	case network.Attention:
		return b.attention(op, in[0])
	case network.GELU:
		return b.gelu(in[0])
	case network.Scale:
		return b.scale(p, b.planes(in[0]))
	case network.FirstToken:
		return b.firstToken(in[0])
	case network.MeanToken:
		return b.meanToken(in[0])
	case network.Linear:
		return b.linear(p, n.Shape, b.planes(in[0]))
	case network.LayerNorm:
		return b.layerNorm(op, p, b.planes(in[0]))
	case network.Dropout:
		return b.dropout(op, p, b.planes(in[0]))
	case network.Normalize:
		return b.normalize(b.planes(in[0]))
	}
	panic(fmt.Sprintf("no way to compute a %T", n.Op))
}

// parameter returns a new input node that reads a parameter's own storage.
func (b *builder) parameter(i int) *gorgonia.Node {
	n := b.array(b.described[i].Name, b.described[i].Shape, b.arrays[i])
	if b.arrays[i].Grad != nil {
		b.places[len(b.places)-1] = i
	}
	return n
}

// array returns a new input node over an array, which training changes if it has
// a gradient.
func (b *builder) array(name string, shape []int, a Array) *gorgonia.Node {
	n := gorgonia.NewTensor(b.graph, tensor.Float32, len(shape),
		gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(over(a.Value, shape)))
	if a.Grad != nil {
		b.moves[n] = true
		b.trained = append(b.trained, n)
		b.grads = append(b.grads, a.Grad)
		b.places = append(b.places, -1)
	}
	return n
}

// forward adds an operation with a new result of the given shape. diff is used in
// training graphs only.
func (b *builder) forward(name string, shape []int, diff gradients, do func(dst []float32, in [][]float32), inputs ...*gorgonia.Node) *gorgonia.Node {
	dst := make([]float32, network.Elements(shape))
	return b.add(&op{
		name:   name,
		result: over(dst, shape),
		do:     func(in [][]float32) { do(dst, in) },
		diff:   diff,
	}, inputs...)
}

// gradient adds an operation that stores a gradient with respect to of: in the
// parameter's grad if it is one, else in a new array.
func (b *builder) gradient(name string, of *gorgonia.Node, do func(dst []float32, in [][]float32), inputs ...*gorgonia.Node) *gorgonia.Node {
	shape, place := of.Shape(), -1
	dst := b.grad(of)
	if dst == nil {
		dst = make([]float32, network.Elements(shape))
	} else {
		place = b.places[slices.Index(b.trained, of)]
	}
	return b.add(&op{
		name:   name + " gradient",
		result: over(dst, shape),
		do: func(in [][]float32) {
			do(dst, in)
			if ready := b.owner.Part.Ready; place >= 0 && ready != nil {
				ready(place)
			}
		},
	}, inputs...)
}

// grad returns the storage of the gradient of a parameter's node, nil for any
// other node.
func (b *builder) grad(of *gorgonia.Node) []float32 {
	if i := slices.Index(b.trained, of); i >= 0 {
		return b.grads[i]
	}
	return nil
}

// add puts o on its inputs, under a name of its own. Gradients are asked for all
// inputs that training changes.
func (b *builder) add(o *op, inputs ...*gorgonia.Node) *gorgonia.Node {
	return b.addAs(o, o, inputs...)
}

// addAs is add for an operation that is more than its op.
func (b *builder) addAs(whole gorgonia.Op, o *op, inputs ...*gorgonia.Node) *gorgonia.Node {
	b.ops++
	o.name = fmt.Sprintf("%s %d", o.name, b.ops)
	o.inputs = make([]hm.Type, len(inputs))
	o.wrt = make([]bool, len(inputs))
	o.in = make([][]float32, len(inputs))
	for i, n := range inputs {
		o.inputs[i] = n.Type()
		o.wrt[i] = b.moves[n]
	}
	node := gorgonia.Must(gorgonia.ApplyOp(whole, inputs...))
	b.moves[node] = slices.Contains(o.wrt, true)
	return node
}

// over is a tensor over value.
func over(value []float32, shape []int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(value))
}
