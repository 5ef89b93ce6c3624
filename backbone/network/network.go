// Package network describes networks: which operation follows which, on which
// parameters, with which shapes. It computes nothing.
//
// A [Network] is plain data that everything else reads: crossbatch/backbone/graph
// builds what runs and trains it on this processor, crossbatch/backbone/onnx
// writes it as a file for other programs. A reader for another device does the
// same: a switch over the kinds of [Op].
//
// Networks are put together by a [Builder]:
//
//	b := network.NewBuilder(3, 32, 32)
//	x := b.Convolution(b.Images(), "conv", network.Convolution{Filters: 64, Size: 3, Stride: 1, Pad: 1})
//	x = b.ReLU(b.BatchNorm(x, "bn"))
//	n, err := b.Finish(b.GlobalAverage(x))
//
// Arrays are row-major. Shapes are those of one image: the batch, which comes
// first in what is computed, is any.
package network

import "math"

// Value is something that a network computes: 0 is the images, and i the result
// of Nodes[i-1].
type Value int

// Images is the input of a network.
const Images Value = 0

// Network is a network. It is read only once it is built, and then safe for
// concurrent use.
type Network struct {
	// Input is the shape of one image: channels, height and width, or whatever
	// the first operation takes.
	Input []int

	// Parameters are the arrays that nodes use, in the order in which they are
	// saved.
	Parameters []Parameter

	// Nodes are in an order in which they can be computed.
	Nodes []Node

	// Output is what the network is for: the embedding.
	Output Value
}

// Node is one operation at its place.
type Node struct {
	Op         Op
	Inputs     []Value // earlier ones
	Parameters []int   // places in Network.Parameters, in the order that Op tells
	Shape      []int   // of the result for one image
}

// Parameter is one named array. Names are those of the published weights, where
// there are any.
type Parameter struct {
	Name  string
	Shape []int

	// Deviation is that of the normal numbers of mean 0 that it starts from, and
	// 0 says that it starts as Start everywhere.
	Deviation float64
	Start     float32

	// Inputs is how many numbers go into each output of the convolution or linear map
	// whose weight or bias it is; 0: it is neither.
	Inputs int

	// Buffer says that no gradient changes it, though a training pass may: running
	// statistics and counters. Frozen says that training leaves it as it is.
	Buffer, Frozen bool

	// Head says that it is of the head, which another task has another of.
	Head bool
}

// IsTrained reports whether training gives it a gradient.
func (p *Parameter) IsTrained() bool { return !p.Buffer && !p.Frozen }

// Shape is the shape of a value for one image.
func (n *Network) Shape(v Value) []int { return shapeOf(n.Input, n.Nodes, v) }

func shapeOf(input []int, nodes []Node, v Value) []int {
	if v == Images {
		return input
	}
	return nodes[v-1].Shape
}

// Uses is how often each value is used, by nodes and as the output.
func (n *Network) Uses() []int {
	uses := make([]int, 1+len(n.Nodes))
	uses[n.Output]++
	for i := range n.Nodes {
		for _, v := range n.Nodes[i].Inputs {
			uses[v]++
		}
	}
	return uses
}

// Size is the number of elements of all parameters together, and of the largest
// value for one image: what it takes to hold the network, and an image in it.
// They stop at the largest int.
func (n *Network) Size() (parameters, widest int) {
	widest = Elements(n.Input)
	for i := range n.Parameters {
		if e := Elements(n.Parameters[i].Shape); e > math.MaxInt-parameters {
			parameters = math.MaxInt
		} else {
			parameters += e
		}
	}
	for i := range n.Nodes {
		widest = max(widest, Elements(n.Nodes[i].Shape))
	}
	return parameters, widest
}

// Elements is the number of elements of an array of a shape, and at most the
// largest int.
func Elements(shape []int) int {
	n := 1
	for _, d := range shape {
		if d > 0 && n > math.MaxInt/d {
			return math.MaxInt
		}
		n *= d
	}
	return n
}
