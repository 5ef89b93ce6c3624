package onnx_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"crossbatch/backbone"
	"crossbatch/backbone/onnx"
)

func small() backbone.Config {
	return backbone.Config{Kind: backbone.Conv4, Channels: 3, Height: 16, Width: 16, Filters: 4, Dim: 5, Dropout: 0.1}
}

func written(t testing.TB, m onnx.Model) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// What is written is read again, under the published names; in half precision as
// the nearest numbers there are. The bytes of a model are always the same.
func TestWeightsComeBack(t *testing.T) {
	net := lively(t, small())
	for _, half := range []bool{false, true} {
		m := modelOf(net)
		m.Half = half
		file := written(t, m)
		if !bytes.Equal(file, written(t, m)) {
			t.Error("one model, two files")
		}
		weights, passed, err := onnx.ReadWeights(file)
		if err != nil || len(passed) > 0 {
			t.Fatal(err, passed)
		}
		at := 0
		net.State(func(name string, shape []int, value, _ []float32) {
			if name == "dropout.steps" { // training's alone
				return
			}
			if at == len(weights) {
				t.Fatalf("%s is missing", name)
			}
			w := weights[at]
			at++
			if w.Name != name || !slices.Equal(w.Shape, shape) {
				t.Fatalf("%s %v, want %s %v", w.Name, w.Shape, name, shape)
			}
			for i, v := range value {
				limit := 0.
				if half && len(shape) > 1 {
					limit = math.Abs(float64(v))/2048 + 1e-7
				}
				if !(math.Abs(float64(v-w.Value[i])) <= limit) {
					t.Fatalf("%s: %g, want %g", name, w.Value[i], v)
				}
			}
		})
		if at != len(weights) {
			t.Errorf("%s is no parameter", weights[at].Name)
		}
		weights[0].Name = "onnx::Conv_193"
		count := 0
		for _, w := range weights {
			count += len(w.Value)
		}
		if numbers, nameless := onnx.Count(weights); numbers != count || nameless != 1 {
			t.Errorf("%d numbers and %d arrays without names, want %d and 1", numbers, nameless, count)
		}
	}
}

func TestBadModels(t *testing.T) {
	net := lively(t, small())
	for want, change := range map[string]func(m *onnx.Model){
		"onnx: 1 arrays for 23 parameters":                   func(m *onnx.Model) { m.Values = m.Values[:1] },
		"onnx: blocks.0.conv.weight has 3 numbers, want 108": func(m *onnx.Model) { m.Values[0] = m.Values[0][:3] },
		"half precision ends at 65504":                       func(m *onnx.Model) { m.Half = true; m.Values[0] = slices.Repeat([]float32{1e5}, 108) },
		"blocks.0.conv.weight holds NaN":                     func(m *onnx.Model) { m.Half = true; m.Values[0] = slices.Repeat([]float32{float32(math.NaN())}, 108) },
		"onnx: preprocessing: 3 means and 0 deviations":      func(m *onnx.Model) { m.Preprocessing, m.Deviation = true, nil },
		"blocks.0.conv.weight holds 78102.09, and half precision": func(m *onnx.Model) {
			m.Half, m.Fold = true, true
			m.Values[0] = slices.Repeat([]float32{6e4}, 108)
			m.Values[1] = []float32{1, 1, 1, 1}
			m.Values[4] = []float32{0.59016, 1, 1, 1}
		},
	} {
		m := modelOf(net)
		change(&m)
		if err := m.Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestReadWeightsRefuses(t *testing.T) {
	file := written(t, modelOf(lively(t, small())))
	for name, content := range map[string][]byte{
		"empty": nil, "text": []byte("weights of my network"), "cut short": file[:len(file)/2], "a byte less": file[:len(file)-1],
	} {
		weights, _, err := onnx.ReadWeights(content)
		if err == nil || !strings.HasPrefix(err.Error(), "onnx: reading weights: ") || weights != nil {
			t.Errorf("%s: %d arrays, %v", name, len(weights), err)
		}
	}
}

// arrayFile is a model of one array, called x: an element type, dimensions, and
// one field more.
func arrayFile(element uint64, dims []uint64, number protowire.Number, value []byte) []byte {
	bytesField := func(b []byte, number protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), v)
	}
	var array, packed []byte
	for _, d := range dims {
		packed = protowire.AppendVarint(packed, d)
	}
	array = bytesField(array, 1, packed)
	array = protowire.AppendVarint(protowire.AppendTag(array, 2, protowire.VarintType), element)
	array = bytesField(array, 8, []byte("x"))
	array = bytesField(array, number, value)
	return bytesField(nil, 7, bytesField(nil, 5, array))
}

// Arrays come in every way that the format has for them.
func TestArraysOfOthers(t *testing.T) {
	for _, test := range []struct {
		want string
		file []byte
	}{
		{"[2] [1 -2]", arrayFile(1, []uint64{2}, 4, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0})},
		{"[1 1] [1.5]", arrayFile(10, []uint64{1, 1}, 9, []byte{0, 0x3e})},
		{"[] [-1]", arrayFile(16, nil, 9, []byte{0x80, 0xbf})},
		{"[1] [0.5]", arrayFile(11, []uint64{1}, 10, []byte{0, 0, 0, 0, 0, 0, 0xe0, 0x3f})},
		{"[1] [0.25]", arrayFile(10, []uint64{1}, 5, []byte{0x80, 0x68})},
		{"4 bytes for shape [2] of 4 bytes each", arrayFile(1, []uint64{2}, 9, []byte{0, 0, 0, 0})},
		{"shape [4294967296] is out of range", arrayFile(1, []uint64{1 << 32}, 9, []byte{0, 0, 0, 0})},
		{"is it an ONNX model?", arrayFile(7, []uint64{1}, 9, make([]byte, 8))}, // whole numbers alone
	} {
		weights, _, err := onnx.ReadWeights(test.file)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprintf("%v %v", weights[0].Shape, weights[0].Value)
		}
		if !strings.HasSuffix(got, test.want) {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func FuzzReadWeights(f *testing.F) {
	net, err := backbone.New(backbone.Config{Kind: backbone.Linear, Channels: 1, Height: 1, Width: 1, Dim: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(written(f, modelOf(net)))
	f.Fuzz(func(t *testing.T, file []byte) {
		weights, _, err := onnx.ReadWeights(file)
		if err != nil {
			return
		}
		for _, w := range weights {
			if 8*len(file) < len(w.Value) {
				t.Errorf("%d numbers from %d bytes", len(w.Value), len(file))
			}
		}
	})
}
