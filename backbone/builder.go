package backbone

import (
	"fmt"
	"slices"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// layer is a step from the images to the embeddings.
type layer interface {
	// apply adds the layer to the graph, on x, and returns its output.
	apply(b *builder, x *gorgonia.Node) *gorgonia.Node
}

// builder puts a graph together for one batch size. Its methods panic where
// gorgonia refuses: that would be a mistake in this package.
type builder struct {
	graph    *gorgonia.ExprGraph
	training bool
	images   *gorgonia.Node
	scratch  *scratch

	parameters []*parameter
	nodes      gorgonia.Nodes          // of the parameters, in the same order
	moves      map[*gorgonia.Node]bool // nodes that a parameter's training changes
	ops        int
}

// parameter returns a new input node that reads p's own storage.
func (b *builder) parameter(p *parameter) *gorgonia.Node {
	n := b.input(p.name, p.value, p.shape)
	if p.grad == nil { // frozen
		return n
	}
	b.moves[n] = true
	b.parameters = append(b.parameters, p)
	b.nodes = append(b.nodes, n)
	return n
}

// input returns a new input node over value.
func (b *builder) input(name string, value []float32, shape []int) *gorgonia.Node {
	return gorgonia.NewTensor(b.graph, tensor.Float32, len(shape),
		gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(over(value, shape)))
}

// forward adds an operation with a new result of the given shape. In an
// embedding graph diff is not used.
func (b *builder) forward(name string, shape []int, diff gradients, do func(dst []float32, in [][]float32), inputs ...*gorgonia.Node) *gorgonia.Node {
	dst := make([]float32, elements(shape))
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
	shape := of.Shape()
	dst := b.grad(of)
	if dst == nil {
		dst = make([]float32, elements(shape))
	}
	return b.add(&op{
		name:   name + " gradient",
		result: over(dst, shape),
		do:     func(in [][]float32) { do(dst, in) },
	}, inputs...)
}

// grad returns the storage of the gradient of a parameter's node, nil for any
// other node.
func (b *builder) grad(of *gorgonia.Node) []float32 {
	for i, n := range b.nodes {
		if n == of {
			return b.parameters[i].grad
		}
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
