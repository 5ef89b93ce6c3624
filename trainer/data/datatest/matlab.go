package datatest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// Matlab writes arrays of structures as MATLAB 5 files, enough for cars_annos.mat.
type Matlab struct{ Compress bool }

// element is a tagged piece, the short form where that is possible.
func (Matlab) element(kind uint32, body []byte) []byte {
	var b []byte
	if n := len(body); n > 0 && n <= 4 {
		b = binary.LittleEndian.AppendUint32(b, kind|uint32(n)<<16)
		return append(append(b, body...), make([]byte, 4-n)...)
	}
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, (8-len(b)%8)%8)...)
}

func (w Matlab) matrix(class byte, name string, rows, columns int, rest ...[]byte) []byte {
	dims := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(rows)), uint32(columns))
	body := slices.Concat(w.element(6, []byte{class, 0, 0, 0, 0, 0, 0, 0}), w.element(5, dims), w.element(1, []byte(name)))
	return w.element(14, slices.Concat(body, slices.Concat(rest...)))
}

func (w Matlab) text(s string) []byte {
	var wide []byte
	for _, r := range s {
		wide = binary.LittleEndian.AppendUint16(wide, uint16(r))
	}
	return w.matrix(4, "", 1, len(s), w.element(4, wide))
}

func (w Matlab) number(v float64) []byte {
	if v == math.Trunc(v) && v >= 0 && v < 256 { // as MATLAB does
		return w.matrix(6, "", 1, 1, w.element(2, []byte{byte(v)}))
	}
	return w.matrix(6, "", 1, 1, w.element(9, binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))))
}

// Structs returns a file with an array of structures. Values are string or float64.
func (w Matlab) Structs(name string, fields []string, rows [][]any) []byte {
	const width = 32
	names := make([]byte, width*len(fields))
	for i, f := range fields {
		copy(names[i*width:], f)
	}
	parts := [][]byte{w.element(5, []byte{width, 0, 0, 0}), w.element(1, names)}
	for _, row := range rows {
		for _, v := range row {
			if s, ok := v.(string); ok {
				parts = append(parts, w.text(s))
			} else {
				parts = append(parts, w.number(v.(float64)))
			}
		}
	}
	all := w.matrix(2, name, 1, len(rows), parts...)
	if w.Compress {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(all) // to memory
		_ = z.Close()       // "
		all = slices.Concat([]byte{15, 0, 0, 0}, binary.LittleEndian.AppendUint32(nil, uint32(b.Len())), b.Bytes())
	}
	head := append([]byte("MATLAB 5.0 MAT-file"+strings.Repeat(" ", 105)), 0, 1, 'I', 'M')
	other := w.matrix(6, "unrelated", 1, 1, w.element(9, make([]byte, 8)))
	return slices.Concat(head, other, all)
}
