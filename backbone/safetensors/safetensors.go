// Package safetensors writes named arrays in the safetensors format
// (https://huggingface.co/docs/safetensors): the length of the header (8 bytes),
// the header (JSON), then the numbers, all little-endian.
package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Tensor is a named array, row-major.
type Tensor struct {
	Name  string
	Shape []int
	Value []float32
}

// entry is what a header tells of one tensor.
type entry struct {
	Dtype   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets []int  `json:"data_offsets"` // where it starts and ends, in bytes
}

// Write writes tensors as float32 in their order. The same tensors give the same bytes. If
// two have one name, it returns an error and writes nothing.
func Write(w io.Writer, tensors []Tensor) error {
	entries := make(map[string]entry, len(tensors))
	end := 0
	for _, t := range tensors {
		if _, twice := entries[t.Name]; twice {
			return fmt.Errorf("safetensors: two tensors are named %s", t.Name)
		}
		start := end
		end += 4 * len(t.Value)
		if t.Shape == nil {
			t.Shape = []int{} // a single number
		}
		entries[t.Name] = entry{Dtype: "F32", Shape: t.Shape, Offsets: []int{start, end}}
	}
	header, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("safetensors: header: %w", err)
	}
	for len(header)%8 != 0 {
		header = append(header, ' ') // the format wants the numbers aligned
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	out = append(out, header...)
	for _, t := range tensors {
		for _, v := range t.Value {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
		if _, err := w.Write(out); err != nil {
			return fmt.Errorf("safetensors: %s: %w", t.Name, err)
		}
		out = out[:0]
	}
	return nil
}
