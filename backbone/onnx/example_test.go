package onnx_test

import (
	"bytes"
	"fmt"

	"crossbatch/backbone"
	"crossbatch/backbone/onnx"
)

func ExampleModel_Write() {
	net, err := backbone.New(backbone.Config{Kind: backbone.MLP, Channels: 1, Height: 2, Width: 2, Filters: 3, Dim: 2})
	if err != nil {
		panic(err)
	}
	m := onnx.Of(net)
	m.Metadata = []onnx.Entry{{Key: "dim", Value: "2"}}
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		panic(err)
	}
	weights, _, err := onnx.ReadWeights(file.Bytes())
	if err != nil {
		panic(err)
	}
	for _, w := range weights {
		fmt.Println(w.Name, w.Shape)
	}
	// Output:
	// layers.0.weight [3 4]
	// layers.0.bias [3]
	// head.weight [2 3]
	// head.bias [2]
}
