// Package onnx writes networks as ONNX models, which other programs run, and
// reads the weights that such a file holds.
//
// A [Model] is a network with its values. Its file has one input, [Images] or
// [Pixels], and one output, [Embeddings]. The batch may have any size. The metadata
// says what a program must know to feed it. It is of opset 17 (IR version 8), the
// first with layer normalisation, which onnxruntime reads since 1.12.
//
// The format is that of onnx.proto and of the operators' list (ONNX, the Linux
// Foundation, https://github.com/onnx/onnx, docs/Operators.md), written by
// google.golang.org/protobuf/encoding/protowire. Of the published messages it
// takes nine, with some forty fields: their numbers are in wire.go, and no code
// is generated.
//
// Not here: running a model, and networks out of a file: what is read are its
// arrays, by name.
package onnx
