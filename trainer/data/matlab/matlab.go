// Package matlab reads MATLAB files of format 5 with one kind of content: an array of
// structures whose fields are texts and numbers.
//
// The format: https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
package matlab

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	matHeader = 128
	// MaxSize is the largest size of a file, and of its unpacked content, in bytes.
	MaxSize = 1 << 28

	matInt8, matUint8, matInt16, matUint16   = 1, 2, 3, 4
	matInt32, matUint32, matSingle, matFloat = 5, 6, 7, 9
	matMatrix, matCompressed                 = 14, 15
	matUTF8, matUTF16                        = 16, 17

	matStruct, matChar = 2, 4
)

var errMat = errors.New("no MATLAB file of version 5, or damaged")

// matElement is a tagged piece of a MATLAB file.
type matElement struct {
	kind uint32
	body []byte
}

// Structs returns the array of structures of this name in the content of a file. Each
// structure is a map from its fields to values: a text is a string, a number or the first
// number of an array is a float64. A damaged file, or one of another format, is an error.
func Structs(file []byte, name string) ([]map[string]any, error) {
	if len(file) < matHeader || file[126] != 'I' || file[127] != 'M' {
		return nil, errMat
	}
	for rest := file[matHeader:]; len(rest) > 0; {
		e, tail, err := matNext(rest)
		if err != nil {
			return nil, err
		}
		rest = tail
		if e.kind == matCompressed {
			if e, err = matUnpack(e.body); err != nil {
				return nil, err
			}
		}
		if e.kind != matMatrix {
			continue
		}
		m, err := matParse(e.body)
		if err != nil {
			return nil, err
		}
		if m.name == name && m.class == matStruct {
			return m.structs()
		}
	}
	return nil, fmt.Errorf("%w: no array of structures %q", errMat, name)
}

// matNext splits off the first element.
func matNext(b []byte) (matElement, []byte, error) {
	if len(b) < 8 {
		return matElement{}, nil, errMat
	}
	kind, size := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if kind>>16 != 0 { // up to four bytes lie in the tag itself
		size = kind >> 16
		if size > 4 {
			return matElement{}, nil, errMat
		}
		return matElement{kind & 0xffff, b[4 : 4+size]}, b[8:], nil
	}
	if uint64(size) > uint64(len(b)-8) {
		return matElement{}, nil, errMat
	}
	end := 8 + int(size)
	if kind != matCompressed {
		end = min(len(b), (end+7)/8*8)
	}
	return matElement{kind, b[8 : 8+size]}, b[end:], nil
}

func matUnpack(b []byte) (matElement, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return matElement{}, errMat
	}
	plain, err := io.ReadAll(io.LimitReader(z, MaxSize))
	if err != nil {
		return matElement{}, errMat
	}
	e, _, err := matNext(plain)
	return e, err
}

// matArray is the head of an array and the elements after it.
type matArray struct {
	class byte
	name  string
	count int
	rest  []byte
}

func matParse(b []byte) (matArray, error) {
	var m matArray
	var head [3]matElement // flags, dimensions, name
	var err error
	for i := range head {
		if head[i], b, err = matNext(b); err != nil {
			return m, err
		}
	}
	if len(head[0].body) < 1 || len(head[1].body)%4 != 0 {
		return m, errMat
	}
	m.class, m.name, m.rest, m.count = head[0].body[0], string(head[2].body), b, 1
	for d := head[1].body; len(d) > 0; d = d[4:] {
		size := int(binary.LittleEndian.Uint32(d))
		if size > MaxSize || m.count > MaxSize/max(1, size) {
			return m, errMat
		}
		m.count *= size
	}
	return m, nil
}

// structs reads the fields of an array of structures.
func (m matArray) structs() ([]map[string]any, error) {
	length, rest, err := matNext(m.rest)
	if err != nil {
		return nil, err
	}
	names, rest, err := matNext(rest)
	if err != nil || len(length.body) != 4 {
		return nil, errMat
	}
	size := int(binary.LittleEndian.Uint32(length.body))
	if size < 1 || size > 64 || len(names.body)%size != 0 {
		return nil, errMat
	}
	var fields []string
	for f := names.body; len(f) > 0; f = f[size:] {
		fields = append(fields, string(bytes.TrimRight(f[:size], "\x00")))
	}
	if len(fields) == 0 {
		return nil, errMat
	}
	var all []map[string]any
	for range m.count {
		one := map[string]any{}
		for _, field := range fields {
			var e matElement
			if e, rest, err = matNext(rest); err != nil {
				return nil, err
			}
			if one[field], err = matValue(e); err != nil {
				return nil, fmt.Errorf("structure %d, field %s: %w", len(all), field, err)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// matValue is a text, or the first of an array of numbers; nil for anything else.
func matValue(e matElement) (any, error) {
	if e.kind != matMatrix || len(e.body) == 0 {
		return nil, nil
	}
	m, err := matParse(e.body)
	if err != nil || m.count == 0 || m.class < matChar {
		return nil, err
	}
	data, _, err := matNext(m.rest)
	if err != nil {
		return nil, err
	}
	numbers, err := matNumbers(data)
	if err != nil {
		return nil, err
	}
	if m.class != matChar {
		if len(numbers) == 0 {
			return nil, errMat
		}
		return numbers[0], nil
	}
	text := make([]rune, len(numbers))
	for i, n := range numbers {
		text[i] = rune(n)
	}
	return string(text), nil
}

func matNumbers(e matElement) ([]float64, error) {
	width := map[uint32]int{matInt8: 1, matUint8: 1, matInt16: 2, matUint16: 2, matInt32: 4, matUint32: 4, matSingle: 4, matFloat: 8, matUTF8: 1, matUTF16: 2}[e.kind]
	if width == 0 || len(e.body)%width != 0 {
		return nil, errMat
	}
	var numbers []float64
	for b := e.body; len(b) > 0; b = b[width:] {
		var n float64
		switch e.kind {
		case matInt8:
			n = float64(int8(b[0]))
		case matUint8, matUTF8:
			n = float64(b[0])
		case matInt16:
			n = float64(int16(binary.LittleEndian.Uint16(b)))
		case matUint16, matUTF16:
			n = float64(binary.LittleEndian.Uint16(b))
		case matInt32:
			n = float64(int32(binary.LittleEndian.Uint32(b)))
		case matUint32:
			n = float64(binary.LittleEndian.Uint32(b))
		case matSingle:
			n = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		case matFloat:
			n = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
