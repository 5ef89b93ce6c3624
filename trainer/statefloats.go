package trainer

import (
	"encoding/binary"
	"fmt"
	"math"
)

// savedFloats are arrays of known lengths: the count of arrays, then each as its
// length and its numbers, little-endian.
type savedFloats [][]float32

// AppendBinary implements checkpoint.State.
func (s savedFloats) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	for _, values := range s {
		b = appendFloats(b, values)
	}
	return b, nil
}

// UnmarshalBinary implements checkpoint.State. After an error some arrays may
// have changed.
func (s savedFloats) UnmarshalBinary(data []byte) error {
	if len(data) < 4 || binary.LittleEndian.Uint32(data) != uint32(len(s)) {
		return fmt.Errorf("%w: other than %d arrays", errSections, len(s))
	}
	data = data[4:]
	for i, values := range s {
		rest, ok := takeFloats(values, data)
		if !ok {
			return fmt.Errorf("%w: array %d has not %d numbers", errSections, i, len(values))
		}
		data = rest
	}
	if len(data) > 0 {
		return fmt.Errorf("%w: %d bytes too many", errSections, len(data))
	}
	return nil
}

func appendFloats(b []byte, values []float32) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(len(values)))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// takeFloats fills values from the front of data and returns the rest.
func takeFloats(values []float32, data []byte) (rest []byte, ok bool) {
	if len(data) < 8+4*len(values) || binary.LittleEndian.Uint64(data) != uint64(len(values)) {
		return nil, false
	}
	data = data[8:]
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return data[4*len(values):], true
}

// savedNetwork is an encoder's parameters and buffers: for each the length of its
// name, its name, and its numbers.
type savedNetwork struct{ encoder Encoder }

// AppendBinary implements checkpoint.State.
func (s savedNetwork) AppendBinary(b []byte) ([]byte, error) {
	s.encoder.State(func(name string, _ []int, value, _ []float32) {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(name)))
		b = appendFloats(append(b, name...), value)
	})
	return b, nil
}

// UnmarshalBinary implements checkpoint.State. After an error the network may
// have changed in part.
func (s savedNetwork) UnmarshalBinary(data []byte) error {
	var err error
	s.encoder.State(func(name string, _ []int, value, _ []float32) {
		if err != nil {
			return
		}
		rest, ok := data, false
		if len(rest) >= 4+len(name) && binary.LittleEndian.Uint32(rest) == uint32(len(name)) && string(rest[4:4+len(name)]) == name {
			rest, ok = takeFloats(value, rest[4+len(name):])
		}
		if !ok {
			err = fmt.Errorf("%w: of the network, %s", errSections, name)
		}
		data = rest
	})
	if err == nil && len(data) > 0 {
		err = fmt.Errorf("%w: of the network, %d bytes too many", errSections, len(data))
	}
	return err
}

// sizes are those of the encoder's parameters and buffers, by number.
func sizes(e Encoder) (list []int) {
	e.State(func(_ string, _ []int, value, _ []float32) { list = append(list, len(value)) })
	return list
}
