package onnx

import (
	"encoding/binary"
	"math"

	"crossbatch/xbm/kernel"
)

// graph is the nodes and the initialisers of a GraphProto in the making.
type graph struct {
	nodes, arrays message
	half          bool // arrays of two dimensions or more
}

// attribute is a number, or several, or an array.
type attribute struct {
	name  string
	value any // int, []int, float64, or message for a TensorProto
}

// node adds an operation with one result, called output.
func (g *graph) node(op, output string, inputs []string, attributes ...attribute) string {
	var n message
	for _, name := range inputs {
		n.text(nodeInput, name)
	}
	n.text(nodeOutput, output)
	n.text(nodeName, output)
	n.text(nodeOp, op)
	for _, a := range attributes {
		n.bytes(nodeAttribute, a.message())
	}
	g.nodes.bytes(graphNode, n)
	return output
}

func (a attribute) message() (m message) {
	m.text(attributeName, a.name)
	switch v := a.value.(type) {
	case int:
		m.number(attributeInt, uint64(v))
		m.number(attributeType, attributeIsInt)
	case float64:
		m.float(attributeFloat, float32(v))
		m.number(attributeType, attributeIsFloat)
	case message:
		m.bytes(attributeTensor, v)
		m.number(attributeType, attributeIsTensor)
	case []int:
		for _, i := range v {
			m.number(attributeInts, uint64(i))
		}
		m.number(attributeType, attributeIsInts)
	}
	return m
}

// array adds an initialiser and returns its name, or the one by which it is to be
// had in float32.
func (g *graph) array(name string, shape []int, value []float32) string {
	if !g.half || len(shape) < 2 {
		return g.full(name, shape, value)
	}
	halves := make([]uint16, len(value))
	kernel.ToHalf(halves, value)
	raw := make([]byte, 0, 2*len(value))
	for _, v := range halves {
		raw = binary.LittleEndian.AppendUint16(raw, v)
	}
	g.arrays.bytes(graphInitializer, tensor(name, shape, elementHalf, raw))
	return g.node("Cast", name+" in float32", []string{name}, attribute{"to", int(elementFloat)})
}

// full adds an initialiser in float32.
func (g *graph) full(name string, shape []int, value []float32) string {
	g.arrays.bytes(graphInitializer, floats(name, shape, value))
	return name
}

// constant adds an array that is no parameter.
func (g *graph) constant(name string, shape []int, value ...float32) string {
	return g.node("Constant", name, nil, attribute{"value", floats(name, shape, value)})
}

// integers adds a row of whole numbers.
func (g *graph) integers(name string, values []int) string {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	return g.node("Constant", name, nil, attribute{"value", tensor(name, []int{len(values)}, elementInteger, raw)})
}

// integer adds a whole number.
func (g *graph) integer(name string, v int) string {
	raw := binary.LittleEndian.AppendUint64(nil, uint64(v))
	return g.node("Constant", name, nil, attribute{"value", tensor(name, nil, elementInteger, raw)})
}

func floats(name string, shape []int, value []float32) message {
	raw := make([]byte, 0, 4*len(value))
	for _, v := range value {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return tensor(name, shape, elementFloat, raw)
}

func tensor(name string, shape []int, element uint64, raw []byte) (m message) {
	for _, d := range shape {
		m.number(tensorDims, uint64(d))
	}
	m.number(tensorType, element)
	m.text(tensorName, name)
	m.bytes(tensorRaw, raw)
	return m
}

// info is what an input or output is: a batch of any size of arrays of a shape.
func info(name string, element uint64, shape []int) (m message) {
	var dims, array, kind message
	var batch message
	batch.text(dimensionName, "batch")
	dims.bytes(shapeDimension, batch)
	for _, d := range shape {
		var one message
		one.number(dimensionValue, uint64(d))
		dims.bytes(shapeDimension, one)
	}
	array.number(typeElement, element)
	array.bytes(typeShape, dims)
	kind.bytes(typeTensor, array)
	m.text(infoName, name)
	m.bytes(infoType, kind)
	return m
}
