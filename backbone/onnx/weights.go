package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"crossbatch/backbone/safetensors"
	"crossbatch/xbm/kernel"
)

// Count counts the numbers of arrays, and the arrays whose names are an exporter's own
// (such as onnx::Conv_193), which no network knows.
func Count(weights []safetensors.Tensor) (numbers, nameless int) {
	for _, w := range weights {
		numbers += len(w.Value)
		if strings.Contains(w.Name, "::") {
			nameless++
		}
	}
	return numbers, nameless
}

// ReadWeights returns the arrays of numbers of a model file, its initialisers, in
// their order, as float32. Arrays of whole numbers, which are no weights, are left
// out and named. Names are those of the file: an exporter that folds constants
// gives names of its own.
func ReadWeights(model []byte) (weights []safetensors.Tensor, passed []string, err error) {
	seen := map[string]bool{}
	err = fields(model, func(number protowire.Number, value []byte, _ uint64) error {
		if number != modelGraph {
			return nil
		}
		return fields(value, func(number protowire.Number, value []byte, _ uint64) error {
			if number != graphInitializer {
				return nil
			}
			var a array
			if err := fields(value, a.field); err != nil {
				return err
			}
			if a.isWhole() {
				passed = append(passed, a.name)
				return nil
			}
			t, err := a.tensor()
			if err != nil {
				return fmt.Errorf("%.100q: %w", a.name, err)
			}
			if seen[t.Name] {
				return fmt.Errorf("%.100q is there twice", t.Name)
			}
			seen[t.Name] = true
			weights = append(weights, t)
			return nil
		})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: reading weights: %w", err)
	}
	if len(weights) == 0 {
		return nil, nil, errors.New("onnx: reading weights: no array of numbers in it: is it an ONNX model?")
	}
	return weights, passed, nil
}

// fields calls f for each field of a message: with its bytes, or with its number.
func fields(m []byte, f func(number protowire.Number, value []byte, v uint64) error) error {
	for len(m) > 0 {
		number, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			return fmt.Errorf("%w: is it an ONNX model?", protowire.ParseError(n))
		}
		m = m[n:]
		var value []byte
		var v uint64
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(m)
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(m)
		default:
			n = protowire.ConsumeFieldValue(number, kind, m)
			value = m[:max(n, 0)]
		}
		if n < 0 {
			return fmt.Errorf("%w: the file is cut short, or no ONNX model", protowire.ParseError(n))
		}
		m = m[n:]
		if err := f(number, value, v); err != nil {
			return err
		}
	}
	return nil
}

// array is a TensorProto.
type array struct {
	name                        string
	shape                       []int
	element                     uint64
	raw, floats, halves, double []byte
	external                    bool
}

func (a *array) field(number protowire.Number, value []byte, v uint64) error {
	switch number {
	case tensorName:
		a.name = string(value)
	case tensorType:
		a.element = v
	case tensorRaw:
		a.raw = value
	case tensorFloats:
		a.floats = append(a.floats, value...)
	case tensorDoubles:
		a.double = append(a.double, value...)
	case tensorHalves:
		if value == nil {
			a.halves = protowire.AppendVarint(a.halves, v)
		}
		a.halves = append(a.halves, value...)
	case tensorLocation:
		a.external = v == locationExternal
	case tensorDims:
		if value == nil {
			a.shape = append(a.shape, int(v))
			return nil
		}
		for len(value) > 0 { // packed
			d, n := protowire.ConsumeVarint(value)
			if n < 0 {
				return protowire.ParseError(n)
			}
			a.shape, value = append(a.shape, int(d)), value[n:]
		}
	}
	return nil
}

// isWhole tells that the elements are whole numbers, truths or texts.
func (a *array) isWhole() bool {
	return !slices.Contains([]uint64{elementFloat, elementHalf, elementDouble, elementBrainFloat}, a.element)
}

// tensor is the array in float32.
func (a *array) tensor() (safetensors.Tensor, error) {
	t := safetensors.Tensor{Name: a.name, Shape: a.shape}
	if a.external {
		return t, errors.New("its numbers are in another file: save the model as one file")
	}
	width := map[uint64]int{elementFloat: 4, elementHalf: 2, elementDouble: 8, elementBrainFloat: 2}[a.element]
	data := a.raw
	switch {
	case data != nil:
	case a.element == elementFloat:
		data = a.floats
	case a.element == elementDouble:
		data = a.double
	default:
		for rest := a.halves; len(rest) > 0; {
			v, n := protowire.ConsumeVarint(rest)
			if n < 0 {
				return t, protowire.ParseError(n)
			}
			data, rest = binary.LittleEndian.AppendUint16(data, uint16(v)), rest[n:]
		}
	}
	count := len(data) / width
	elements := 1
	for _, d := range a.shape {
		if d < 0 || d > math.MaxInt32 || elements > math.MaxInt32 {
			return t, fmt.Errorf("shape %v is out of range", a.shape)
		}
		elements *= d
	}
	if len(data)%width != 0 || count != elements {
		return t, fmt.Errorf("%d bytes for shape %v of %d bytes each", len(data), a.shape, width)
	}
	t.Value = make([]float32, count)
	for i := range t.Value {
		at := data[i*width:]
		switch a.element {
		case elementFloat:
			t.Value[i] = math.Float32frombits(binary.LittleEndian.Uint32(at))
		case elementDouble:
			t.Value[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(at)))
		case elementBrainFloat:
			t.Value[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(at)) << 16)
		default:
			kernel.FromHalf(t.Value[i:i+1], []uint16{binary.LittleEndian.Uint16(at)})
		}
	}
	return t, nil
}
