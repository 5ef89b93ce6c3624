package features

import (
	"archive/zip"
	"bytes"
	"path/filepath"
	"testing"

	"crossbatch/trainer/data/datatest"
)

// Every kind of number that a model's features are saved in.
func TestKindsOfNumbers(t *testing.T) {
	want := []float32{0, 1, 2.5, 100}
	for kind, values := range map[string]any{
		"<f2": []uint16{0, 0x3c00, 0x4100, 0x5640}, "<f4": want, "<f8": []float64{0, 1, 2.5, 100},
		"|i1": []int8{0, 1, 2, 100}, "<i2": []int16{0, 1, 2, 100}, "<i4": []int32{0, 1, 2, 100}, "<i8": []int64{0, 1, 2, 100},
		"|u1": []uint8{0, 1, 2, 100}, "<u2": []uint16{0, 1, 2, 100}, "<u4": []uint32{0, 1, 2, 100}, "<u8": []uint64{0, 1, 2, 100},
	} {
		root := datatest.Tree(t, map[string][]byte{"x.npy": datatest.NPY(t, kind, "False", values, 2, 2)})
		x, rows, width, err := ReadMatrix(filepath.Join(root, "x.npy"))
		if err != nil || rows != 2 || width != 2 {
			t.Errorf("%s: %d × %d: %v", kind, rows, width, err)
			continue
		}
		for i, v := range x {
			if v != want[i] && (i != 2 || v != 2) {
				t.Errorf("%s: %v, want %v", kind, x, want)
			}
		}
	}
}

func FuzzNPY(f *testing.F) {
	f.Add(datatest.NPY(f, "<f4", "False", []float32{1, 2, 3, 4}, 2, 2))
	f.Add(datatest.NPY(f, "<U2", "False", []rune{'b', 0, 'a', 0}, 2))
	f.Add([]byte("\x93NUMPY\x02\x00\x10\x00\x00\x00{'descr': '<f8'}"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		a, err := parseNPY(content)
		if err != nil {
			return
		}
		for i := range a.count {
			if a.isText() {
				_ = a.text(i) // must not panic
			} else {
				_ = a.number(i) // "
			}
		}
	})
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("row,class\n0,b\n1,\"a\"\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		table, err := parseTable(bytes.NewReader(content))
		if err != nil {
			return
		}
		before := len(table.Rows)
		labels, err := table.Labels()
		if err == nil && (len(labels) != len(table.Rows) || len(table.Rows) != len(table.Lines) || before-len(labels) > 1) {
			t.Errorf("%d labels of %d rows, %d lines", len(labels), len(table.Rows), len(table.Lines))
		}
	})
}

func FuzzNPZ(f *testing.F) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"x.npy", "y.npy"} {
		member, err := w.Create(name)
		if err == nil {
			_, err = member.Write(datatest.NPY(f, "<f4", "True", []float32{1, 2, 3, 4}, 2, 2))
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(_ *testing.T, content []byte) {
		if array, err := member(content, []string{"x"}); err == nil {
			_, _ = parseNPY(array) // must not panic
		}
	})
}
