package onnx

import (
	"math"

	"crossbatch/backbone/network"
)

// tokens adds an operation over tokens, and says whether it knows it.
func (e *export) tokens(node *network.Node, name string, in []string) (string, bool) {
	switch op := node.Op.(type) {
	case network.Tokens:
		return e.classAndPlaces(node, name, in[0]), true
	case network.Positions:
		m := e.constant(name+" interpolation", []int{1 + op.Height*op.Width, 1 + op.Side*op.Side}, op.Matrix()...)
		rows := e.node("MatMul", name+" rows", []string{m, e.parameters(node)[0]})
		return e.node("Add", name, []string{in[0], rows}), true
	case network.Attention:
		return e.attention(op, name, in[0], node.Shape[1]), true
	case network.GELU:
		x := e.node("Mul", name+" over root 2", []string{in[0], e.constant(name+" 1/root 2", nil, 0.70710678)})
		x = e.node("Erf", name+" erf", []string{x})
		x = e.node("Add", name+" erf and 1", []string{x, e.constant(name+" 1", nil, 1)})
		x = e.node("Mul", name+" twice", []string{x, in[0]})
		return e.node("Mul", name, []string{x, e.constant(name+" half", nil, 0.5)}), true
	case network.Scale:
		return e.node("Mul", name, append(in, e.parameters(node)...)), true
	case network.FirstToken:
		x := e.slice(name, in[0], 0, 1)
		return e.node("Flatten", name, []string{x}, attribute{"axis", 1}), true
	case network.MeanToken:
		x := e.slice(name, in[0], 1, 1<<30)
		return e.node("ReduceMean", name, []string{x}, attribute{"axes", []int{1}}, attribute{"keepdims", 0}), true
	}
	return "", false
}

// slice is tokens from one on, up to another.
func (e *export) slice(name, x string, from, to int) string {
	return e.node("Slice", name+" of tokens", []string{
		x, e.integers(name+" from", []int{from}), e.integers(name+" to", []int{to}), e.integers(name+" axis", []int{1}),
	})
}

// classAndPlaces are the class token, once for each image, and the image's places.
func (e *export) classAndPlaces(node *network.Node, name, x string) string {
	channels, places := node.Shape[1], node.Shape[0]-1
	rows := e.node("Reshape", name+" by channel", []string{x, e.integers(name+" shape", []int{0, channels, places})})
	rows = e.node("Transpose", name+" of places", []string{rows}, attribute{"perm", []int{0, 2, 1}})
	batch := e.node("Shape", name+" batch", []string{x}, attribute{"end", 1})
	shape := e.node("Concat", name+" shape of class", []string{batch, e.integers(name+" one row", []int{1, channels})}, attribute{"axis", 0})
	class := e.node("Expand", name+" of class", []string{e.parameters(node)[0], shape})
	return e.node("Concat", name, []string{class, rows}, attribute{"axis", 1})
}

// attention adds self-attention: queries, keys and values of dim numbers each.
func (e *export) attention(op network.Attention, name, x string, dim int) string {
	width := dim / op.Heads
	parts := e.node("Reshape", name+" parts", []string{x, e.integers(name+" shape of parts", []int{0, -1, 3, op.Heads, width})})
	one := func(i int, what string, order ...int) string {
		p := e.node("Gather", name+" "+what, []string{parts, e.integer(name+" number of "+what, i)}, attribute{"axis", 2})
		return e.node("Transpose", name+" "+what+" by head", []string{p}, attribute{"perm", order})
	}
	q, k, v := one(0, "queries", 0, 2, 1, 3), one(1, "keys", 0, 2, 3, 1), one(2, "values", 0, 2, 1, 3)
	s := e.node("MatMul", name+" products", []string{q, k})
	s = e.node("Mul", name+" scaled", []string{s, e.constant(name+" scale", nil, float32(1/math.Sqrt(float64(width))))})
	s = e.node("Softmax", name+" shares", []string{s}, attribute{"axis", -1})
	y := e.node("MatMul", name+" by head", []string{s, v})
	y = e.node("Transpose", name+" by token", []string{y}, attribute{"perm", []int{0, 2, 1, 3}})
	return e.node("Reshape", name, []string{y, e.integers(name+" shape", []int{0, -1, dim})})
}
