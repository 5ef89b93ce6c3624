package data

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
)

// matWriter writes arrays of structures as MATLAB 5 files have them, by its manual: enough to
// read cars_annos.mat.
type matWriter struct{ compress bool }

// element is a tagged piece, the short form where that is possible.
func (matWriter) element(kind uint32, body []byte) []byte {
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

func (w matWriter) matrix(class byte, name string, rows, columns int, rest ...[]byte) []byte {
	dims := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(rows)), uint32(columns))
	body := slices.Concat(w.element(matUint32, []byte{class, 0, 0, 0, 0, 0, 0, 0}), w.element(matInt32, dims), w.element(matInt8, []byte(name)))
	return w.element(matMatrix, slices.Concat(body, slices.Concat(rest...)))
}

func (w matWriter) text(s string) []byte {
	var wide []byte
	for _, r := range s {
		wide = binary.LittleEndian.AppendUint16(wide, uint16(r))
	}
	return w.matrix(matChar, "", 1, len(s), w.element(matUint16, wide))
}

func (w matWriter) number(v float64) []byte {
	if v == math.Trunc(v) && v >= 0 && v < 256 { // as MATLAB does
		return w.matrix(6, "", 1, 1, w.element(matUint8, []byte{byte(v)}))
	}
	return w.matrix(6, "", 1, 1, w.element(matFloat, binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))))
}

// structs is a file with an array of structures; values are string or float64.
func (w matWriter) structs(name string, fields []string, rows [][]any) []byte {
	const width = 32
	names := make([]byte, width*len(fields))
	for i, f := range fields {
		copy(names[i*width:], f)
	}
	parts := [][]byte{w.element(matInt32, []byte{width, 0, 0, 0}), w.element(matInt8, names)}
	for _, row := range rows {
		for _, v := range row {
			if s, ok := v.(string); ok {
				parts = append(parts, w.text(s))
			} else {
				parts = append(parts, w.number(v.(float64)))
			}
		}
	}
	all := w.matrix(matStruct, name, 1, len(rows), parts...)
	if w.compress {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(all) // to memory
		_ = z.Close()       // "
		all = slices.Concat([]byte{matCompressed, 0, 0, 0}, binary.LittleEndian.AppendUint32(nil, uint32(b.Len())), b.Bytes())
	}
	head := append([]byte("MATLAB 5.0 MAT-file"+strings.Repeat(" ", 105)), 0, 1, 'I', 'M')
	other := w.matrix(6, "unrelated", 1, 1, w.element(matFloat, make([]byte, 8)))
	return slices.Concat(head, other, all)
}

func TestMatStructs(t *testing.T) {
	for _, compress := range []bool{false, true} {
		w := matWriter{compress}
		file := w.structs("annotations", []string{"relative_im_path", "class", "test"},
			[][]any{{"car_ims/000001.jpg", 1.0, 0.0}, {"é/2.jpg", 196.0, 1.5}, {"ab", 1000.0, 1.0}})
		got, err := matStructs(file, "annotations")
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 || got[0]["relative_im_path"] != "car_ims/000001.jpg" || got[0]["class"] != 1.0 || got[1]["relative_im_path"] != "é/2.jpg" ||
			got[1]["class"] != 196.0 || got[1]["test"] != 1.5 || got[2]["relative_im_path"] != "ab" || got[2]["class"] != 1000.0 {
			t.Errorf("compressed %v: %v", compress, got)
		}
		_, err = matStructs(file, "other")
		checkLine(t, "another name", err, `no array of structures "other"`)
		for n := range file {
			if got, err := matStructs(file[:n], "annotations"); err == nil && len(got) != 3 {
				t.Errorf("%d of %d bytes: %v", n, len(file), got)
			}
		}
	}
	_, err := matStructs([]byte(strings.Repeat("x", 200)), "annotations")
	checkLine(t, "no MATLAB", err, "no MATLAB file of version 5")
}

func FuzzMat(f *testing.F) {
	for _, compress := range []bool{false, true} {
		f.Add(matWriter{compress}.structs("a", []string{"b", "c"}, [][]any{{"text", 3.0}, {"more", 1.5}}))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		structs, err := matStructs(file, "a")
		if err != nil && structs != nil {
			t.Error("structures and an error")
		}
	})
}
