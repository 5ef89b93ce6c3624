package onnx

import (
	"fmt"
	"io"
	"math"

	"crossbatch/backbone/network"
)

// Names of a model's input and output.
const (
	Images     = "images"
	Pixels     = "pixels"
	Embeddings = "embeddings"
)

// The versions of the format that are written: of the representation and of the
// list of operators.
const (
	irVersion = 8
	opset     = 17
)

// Model is a network to be written.
type Model struct {
	// Network is what it computes, and Values its parameters, in their order.
	Network *network.Network
	Values  [][]float32

	// Preprocessing says that the input is Pixels, bytes of N × height × width ×
	// channels, in place of Images, float32 of N × the network's input: a pixel v of
	// a channel becomes (v/255 - Mean)/Deviation. Mean and Deviation then have a number
	// for each channel.
	Preprocessing   bool
	Mean, Deviation []float32

	// Fold takes a batch normalisation into the convolution before it: a smaller
	// model of fewer operations, whose arrays are not those of the network, and no
	// longer to be read as weights.
	Fold bool

	// Half keeps arrays of two dimensions or more in half precision, each number the
	// nearest there is: a file of half the size. Arithmetic is in float32 as without.
	Half bool

	// Metadata is what else a program should know, in this order.
	Metadata []Entry

	// Doc says in words what it is.
	Doc string
}

// Net is a network with its values, such as a backbone.Net: State visits the
// parameters in the order of the description.
type Net interface {
	Network() *network.Network
	State(visit func(name string, shape []int, value, grad []float32))
}

// Of is the model of a network as it stands: the values are the network's own.
func Of(n Net) Model {
	m := Model{Network: n.Network()}
	n.State(func(_ string, _ []int, value, _ []float32) { m.Values = append(m.Values, value) })
	return m
}

// Entry is a line of a model's metadata.
type Entry struct{ Key, Value string }

// Write writes the model. Of equal models the bytes are equal.
func (m *Model) Write(w io.Writer) error {
	if err := m.check(); err != nil {
		return err
	}
	e := &export{Model: m, graph: graph{half: m.Half}, names: make([]string, 1+len(m.Network.Nodes))}
	if err := e.network(); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	var whole message
	whole.number(modelIRVersion, irVersion)
	whole.text(modelProducer, "crossbatch")
	whole.text(modelDoc, m.Doc)
	var list message
	list.number(opsetVersion, opset)
	whole.bytes(modelOpsets, list)
	for _, entry := range m.Metadata {
		var line message
		line.text(entryKey, entry.Key)
		line.text(entryValue, entry.Value)
		whole.bytes(modelMetadata, line)
	}
	whole.bytes(modelGraph, e.message())
	if len(whole) > math.MaxInt32 {
		return fmt.Errorf("onnx: a model of %d bytes: the format ends at %d", len(whole), math.MaxInt32)
	}
	if _, err := w.Write(whole); err != nil {
		return fmt.Errorf("onnx: writing: %w", err)
	}
	return nil
}

// check returns an error where the parts of m do not fit each other.
func (m *Model) check() error {
	n := m.Network
	if len(m.Values) != len(n.Parameters) {
		return fmt.Errorf("onnx: %d arrays for %d parameters", len(m.Values), len(n.Parameters))
	}
	for i, p := range n.Parameters {
		if want := network.Elements(p.Shape); len(m.Values[i]) != want {
			return fmt.Errorf("onnx: %s has %d numbers, want %d", p.Name, len(m.Values[i]), want)
		}
		if len(p.Shape) >= 2 {
			if err := m.fitsHalf(p.Name, m.Values[i]); err != nil {
				return fmt.Errorf("onnx: %w", err)
			}
		}
	}
	if !m.Preprocessing {
		return nil
	}
	if len(n.Input) != 3 || len(m.Mean) != n.Input[0] || len(m.Deviation) != n.Input[0] {
		return fmt.Errorf("onnx: preprocessing: %d means and %d deviations for images of %v: give one for each channel", len(m.Mean), len(m.Deviation), n.Input)
	}
	return nil
}

// maxHalf is the largest number of half precision.
const maxHalf = 65504

// fitsHalf returns an error where an array is to be in half precision and is out of
// its range.
func (m *Model) fitsHalf(name string, value []float32) error {
	if !m.Half {
		return nil
	}
	for _, v := range value {
		if !(math.Abs(float64(v)) <= maxHalf) {
			return fmt.Errorf("%s holds %g, and half precision ends at %d: export it in full", name, v, maxHalf)
		}
	}
	return nil
}

// message is the whole graph.
func (e *export) message() message {
	g := append(e.nodes, e.arrays...)
	g.text(graphName, "network")
	n := e.Network
	if e.Preprocessing {
		g.bytes(graphInput, info(Pixels, elementByte, []int{n.Input[1], n.Input[2], n.Input[0]}))
	} else {
		g.bytes(graphInput, info(Images, elementFloat, n.Input))
	}
	g.bytes(graphOutput, info(Embeddings, elementFloat, []int{network.Elements(n.Shape(n.Output))}))
	return g
}
