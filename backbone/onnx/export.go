package onnx

import (
	"fmt"
	"strings"

	"crossbatch/backbone/network"
)

// export is a model on its way to a graph.
type export struct {
	*Model
	graph
	names  []string    // of the network's values
	folded map[int]int // of a convolution, the batch normalisation that it takes in, both as places of nodes
}

// network adds everything from the input to the output.
func (e *export) network() error {
	n := e.Network
	e.names[network.Images] = Images
	if e.Preprocessing {
		e.names[network.Images] = e.preprocess()
	}
	if e.Fold {
		e.folded = foldable(n)
	}
	for i := range n.Nodes {
		name, err := e.operation(i)
		if err != nil {
			return err
		}
		e.names[i+1] = name
	}
	if len(n.Shape(n.Output)) == 1 {
		e.node("Identity", Embeddings, []string{e.names[n.Output]})
	} else {
		e.node("Flatten", Embeddings, []string{e.names[n.Output]}, attribute{"axis", 1})
	}
	return nil
}

// preprocess makes images of pixels.
func (e *export) preprocess() string {
	channels := e.Network.Input[0]
	shape := []int{channels, 1, 1}
	factor := make([]float32, channels)
	for c, d := range e.Deviation {
		factor[c] = 1 / d
	}
	x := e.node("Cast", "pixels in float32", []string{Pixels}, attribute{"to", int(elementFloat)})
	x = e.node("Transpose", "pixels by channel", []string{x}, attribute{"perm", []int{0, 3, 1, 2}})
	x = e.node("Mul", "pixels of 1", []string{x, e.constant("1/255", nil, 1./255)})
	x = e.node("Sub", "pixels around 0", []string{x, e.constant("mean of pixels", shape, e.Mean...)})
	return e.node("Mul", Images, []string{x, e.constant("1/deviation of pixels", shape, factor...)})
}

// operation adds node i of the network and returns the name of its result.
func (e *export) operation(i int) (string, error) {
	node := &e.Network.Nodes[i]
	name := e.name(i)
	in := make([]string, len(node.Inputs))
	for k, v := range node.Inputs {
		in[k] = e.names[v]
	}
	switch op := node.Op.(type) {
	case network.Convolution:
		weight, bias, err := e.filters(i)
		if err != nil {
			return "", err
		}
		return e.node("Conv", name, append([]string{in[0], weight}, bias...), window(op.Size, op.Stride, op.Pad)...), nil
	case network.Depthwise:
		weight, bias, err := e.filters(i)
		if err != nil {
			return "", err
		}
		return e.node("Conv", name, append([]string{in[0], weight}, bias...), append(window(op.Size, op.Stride, op.Pad), attribute{"group", node.Shape[0]})...), nil
	case network.HardSwish:
		return e.node("HardSwish", name, in), nil
	case network.HardSigmoid:
		return e.node("HardSigmoid", name, in, attribute{"alpha", 1. / 6}, attribute{"beta", 0.5}), nil
	case network.Gate:
		s := e.node("Reshape", name+" of channels", []string{in[1], e.integers(name+" shape", []int{0, -1, 1, 1})})
		return e.node("Mul", name, []string{in[0], s}), nil
	case network.BatchNorm:
		if e.isFolded(i) {
			return in[0], nil
		}
		return e.node("BatchNormalization", name, append(in, e.parameters(node)...), attribute{"epsilon", op.Epsilon}), nil
	case network.ReLU:
		return e.node("Relu", name, in), nil
	case network.MaxPool:
		return e.node("MaxPool", name, in, append(window(op.Size, op.Stride, op.Pad), attribute{"ceil_mode", whole(op.Ceil)})...), nil
	case network.AveragePool:
		return e.node("AveragePool", name, in, append(window(op.Size, op.Stride, op.Pad), attribute{"count_include_pad", 1})...), nil
	case network.GlobalAverage:
		return e.row(e.node("GlobalAveragePool", name, in), name, 4), nil
	case network.GlobalMax:
		return e.row(e.node("GlobalMaxPool", name, in), name, 4), nil
	case network.Add:
		return e.node("Add", name, in), nil
	case network.Concat:
		return e.node("Concat", name, in, attribute{"axis", 1}), nil
	case network.Rescale:
		shape := []int{len(op.From), 1, 1}
		x := e.node("Gather", name+" channels", []string{in[0], e.integers(name+" order", op.From)}, attribute{"axis", 1})
		x = e.node("Mul", name+" scaled", []string{x, e.constant(name+" factor", shape, op.Factor...)})
		return e.node("Add", name, []string{x, e.constant(name+" shift", shape, op.Shift...)}), nil
	case network.Linear:
		if op.Tokens {
			p := e.parameters(node)
			turned := e.node("Transpose", name+" weight turned", p[:1], attribute{"perm", []int{1, 0}})
			x := e.node("MatMul", name+" without bias", []string{in[0], turned})
			return e.node("Add", name, []string{x, p[1]}), nil
		}
		x := e.row(in[0], name, 1+len(e.Network.Shape(node.Inputs[0])))
		p := e.parameters(node)
		if len(e.Network.Parameters[node.Parameters[0]].Shape) > 2 { // the weight of a 1×1 convolution
			p[0] = e.node("Flatten", name+" weight as rows", p[:1], attribute{"axis", 1})
		}
		return e.node("Gemm", name, append([]string{x}, p...), attribute{"transB", 1}), nil
	case network.LayerNorm:
		return e.node("LayerNormalization", name, append(in, e.parameters(node)...), attribute{"axis", -1}, attribute{"epsilon", op.Epsilon}), nil
	case network.Dropout:
		return in[0], nil
	case network.Normalize:
		x := e.row(in[0], name, 1+len(e.Network.Shape(node.Inputs[0])))
		return e.unitLength(x, name), nil
	}
	if y, known := e.tokens(node, name, in); known {
		return y, nil
	}
	return "", fmt.Errorf("no operator for a %T", node.Op)
}

// window is a square one.
func window(size, stride, pad int) []attribute {
	return []attribute{
		{"kernel_shape", []int{size, size}}, {"strides", []int{stride, stride}}, {"pads", []int{pad, pad, pad, pad}},
	}
}

// whole is a truth as attributes have it.
func whole(b bool) int {
	if b {
		return 1
	}
	return 0
}

// name is that of the result of node i: its parameters', or a number.
func (e *export) name(i int) string {
	node := &e.Network.Nodes[i]
	if len(node.Parameters) > 0 {
		name := e.Network.Parameters[node.Parameters[0]].Name
		if dot := strings.LastIndexByte(name, '.'); dot > 0 {
			name = name[:dot]
		}
		return name + " output"
	}
	return fmt.Sprintf("%s %d", strings.TrimPrefix(fmt.Sprintf("%T", node.Op), "network."), i)
}

// row makes rows of a value of so many dimensions, the batch counted.
func (e *export) row(x, name string, dimensions int) string {
	if dimensions == 2 {
		return x
	}
	return e.node("Flatten", name+" as rows", []string{x}, attribute{"axis", 1})
}

// shortest is what a row's length is taken for where it is less: a row of zeros
// stays one. Shorter ones are beyond the squares of float32 in any case.
const shortest = 1e-30

// unitLength divides rows by their length.
func (e *export) unitLength(x, name string) string {
	length := e.node("ReduceL2", name+" length", []string{x}, attribute{"axes", []int{1}}, attribute{"keepdims", 1})
	length = e.node("Max", name+" length above 0", []string{length, e.constant("shortest length", nil, shortest)})
	return e.node("Div", name, []string{x, length})
}

// parameters adds the parameters of a node and returns their names.
func (e *export) parameters(node *network.Node) []string {
	var names []string
	for _, p := range node.Parameters {
		names = append(names, e.array(e.Network.Parameters[p].Name, e.Network.Parameters[p].Shape, e.Values[p]))
	}
	return names
}
