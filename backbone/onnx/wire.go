package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of the fields of onnx.proto, by their message.
const (
	modelIRVersion, modelProducer, modelDoc, modelGraph    protowire.Number = 1, 2, 6, 7
	modelOpsets, modelMetadata, opsetVersion               protowire.Number = 8, 14, 2
	entryKey, entryValue                                   protowire.Number = 1, 2
	graphNode, graphName, graphInitializer                 protowire.Number = 1, 2, 5
	graphInput, graphOutput                                protowire.Number = 11, 12
	nodeInput, nodeOutput, nodeName, nodeOp, nodeAttribute protowire.Number = 1, 2, 3, 4, 5
	attributeName, attributeFloat, attributeInt            protowire.Number = 1, 2, 3
	attributeTensor, attributeInts, attributeType          protowire.Number = 5, 8, 20
	tensorDims, tensorType, tensorFloats, tensorHalves     protowire.Number = 1, 2, 4, 5
	tensorName, tensorRaw, tensorDoubles, tensorLocation   protowire.Number = 8, 9, 10, 14
	infoName, infoType, typeTensor, typeElement, typeShape protowire.Number = 1, 2, 1, 1, 2
	shapeDimension, dimensionValue, dimensionName          protowire.Number = 1, 1, 2
)

// The enumerations of onnx.proto: types of attributes, types of elements, places of numbers.
const (
	attributeIsFloat, attributeIsInt, attributeIsTensor, attributeIsInts        = 1, 2, 4, 7
	elementFloat, elementByte, elementInteger                            uint64 = 1, 2, 7
	elementHalf, elementDouble, elementBrainFloat                        uint64 = 10, 11, 16
	locationExternal                                                            = 1
)

// message is a protobuf message in the making.
type message []byte

func (m *message) number(field protowire.Number, v uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), v)
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m *message) text(field protowire.Number, v string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}
