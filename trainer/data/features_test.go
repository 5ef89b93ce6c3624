package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// npy is a file as numpy.save writes it; values is a slice of numbers.
func npy(t testing.TB, kind string, fortran string, values any, shape ...int) []byte {
	t.Helper()
	dims := ""
	for _, n := range shape {
		dims += fmt.Sprintf("%d, ", n)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", kind, fortran, dims)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	for _, part := range []any{uint16(len(header)), []byte(header), values} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestFeatures(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	root := tree(t, map[string][]byte{
		"x.npy": npy(t, "<f4", "False", x, 4, 2), "l.npy": npy(t, "<i8", "False", []int64{10, 9, 10, -1}, 4),
		"l.csv": []byte("row,class\n0,b\n1,a\n2,b\n3,c\n"), "plain.csv": []byte("b\na\nb\nc\n"),
		"column.npy": npy(t, "<i2", "False", []int16{10, 9, 10, -1}, 4, 1),
		"text.npy":   npy(t, "<U2", "False", []rune{'b', 0, 'a', 0, 'b', 0, 'é', 'x'}, 4),
	})
	for labels, classes := range map[string][]string{
		"l.npy": {"-1", "9", "10"}, "l.csv": {"a", "b", "c"}, "plain.csv": {"a", "b", "c"}, "column.npy": {"-1", "9", "10"}, "text.npy": {"a", "b", "éx"},
	} {
		set, err := Load("features:"+filepath.Join(root, "x.npy")+","+filepath.Join(root, labels), Options{})
		if err != nil {
			t.Errorf("%s: %v", labels, err)
			continue
		}
		if !slices.Equal(set.ClassNames, classes) || set.Width != 2 || !set.IsFeatures() || set.Len() != 4 {
			t.Errorf("%s: classes %v of %d numbers", labels, set.ClassNames, set.Width)
		}
		batch := make([]float32, 8)
		set.Batch(batch, []int{3, 2, 1, 0})
		for k, i := range []int{3, 2, 1, 0} {
			var row int
			if _, err := fmt.Sscanf(set.Files[i], "row %d", &row); err != nil || batch[2*k] != x[2*row] || batch[2*k+1] != x[2*row+1] {
				t.Errorf("%s: image %d, %s, is %v", labels, i, set.Files[i], batch[2*k:2*k+2])
			}
		}
		if picture := set.Image(0); picture.Bounds() != image.Rect(0, 0, 2, 2) {
			t.Errorf("a picture of %v", picture.Bounds())
		}
	}
}

// Every kind of number that a model's features are saved in.
func TestKindsOfNumbers(t *testing.T) {
	want := []float32{0, 1, 2.5, 100}
	for kind, values := range map[string]any{
		"<f2": []uint16{0, 0x3c00, 0x4100, 0x5640}, "<f4": want, "<f8": []float64{0, 1, 2.5, 100},
		"|i1": []int8{0, 1, 2, 100}, "<i2": []int16{0, 1, 2, 100}, "<i4": []int32{0, 1, 2, 100}, "<i8": []int64{0, 1, 2, 100},
		"|u1": []uint8{0, 1, 2, 100}, "<u2": []uint16{0, 1, 2, 100}, "<u4": []uint32{0, 1, 2, 100}, "<u8": []uint64{0, 1, 2, 100},
	} {
		root := tree(t, map[string][]byte{"x.npy": npy(t, kind, "False", values, 2, 2)})
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

func TestFeatureErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := npy(t, "<f4", "False", []float32{1, 2, 3, 4}, 2, 2)
	claim := append([]byte("\x93NUMPY\x02\x00"), 0xff, 0xff, 0xff, 0xff) // a header of 4 GiB
	for message, files := range map[string]map[string][]byte{
		"row 1 has NaN at place 0: want finite":     {"x.npy": npy(t, "<f4", "False", []float32{1, 2, nan, 4}, 2, 2)},
		"row 0 has +Inf at place 1: want finite":    {"x.npy": npy(t, "<f4", "False", []float32{1, inf, 3, 4}, 2, 2)},
		"row 0 has 1e+200 at place 1":               {"x.npy": npy(t, "<f8", "False", []float64{1, 1e200, 3, 4}, 2, 2)},
		"save it in C order":                        {"x.npy": npy(t, "<f4", "True", []float32{1, 2, 3, 4}, 2, 2)},
		`values of kind "<c8"`:                      {"x.npy": npy(t, "<c8", "False", []float32{1, 2, 3, 4}, 2, 1)},
		`values of kind ">f4"`:                      {"x.npy": npy(t, ">f4", "False", []float32{1, 2, 3, 4}, 2, 2)},
		"an array of shape [4]: want rows":          {"x.npy": npy(t, "<f4", "False", []float32{1, 2, 3, 4}, 4)},
		"an array of shape [2 0]: want rows":        {"x.npy": npy(t, "<f4", "False", []float32{}, 2, 0)},
		"15 bytes for 4 values of kind <f4: cut":    {"x.npy": good[:len(good)-1]},
		"for 2147483648 values":                     {"x.npy": npy(t, "<f4", "False", []float32{1}, 1<<16, 1<<15)},
		"is too large":                              {"x.npy": npy(t, "<f4", "False", []float32{1}, 1<<40, 2)},
		"no .npy file, or cut short":                {"x.npy": claim},
		"no .npy file, or":                          {"x.npy": []byte("this is not an array")},
		"label 1 is 0.5: want whole numbers":        {"l.npy": npy(t, "<f4", "False", []float32{1, 0.5}, 2)},
		"label 0 is NaN: want whole numbers":        {"l.npy": npy(t, "<f4", "False", []float32{nan, 0.5}, 2)},
		"an array of shape [2 2]: want one label":   {"l.npy": npy(t, "<i4", "False", []int32{1, 2, 3, 4}, 2, 2)},
		"x.npy has 2 rows and":                      {"l.npy": npy(t, "<i4", "False", []int32{1, 2, 3}, 3)},
		"l.npy: no such file or directory":          {"l.npy": nil},
		"l.csv, line 2: no label":                   {"l.npy": nil, "l.csv": []byte("a,1\nb,\n")},
		"l.csv, line 2: wrong number of fields":     {"l.npy": nil, "l.csv": []byte("a,1\nb\n")},
		"x.npy has 2 rows and (l.csv) has 0 labels": {"l.npy": nil, "l.csv": []byte("label\n")},
	} {
		all := map[string][]byte{"x.npy": good, "l.npy": npy(t, "<i4", "False", []int32{1, 2}, 2)}
		labels := "l.npy"
		for name, content := range files {
			all[name] = content
			if name == "l.csv" {
				labels = name
			}
			if content == nil {
				delete(all, name)
			}
		}
		root := tree(t, all)
		_, err := Load("features:"+filepath.Join(root, "x.npy")+","+filepath.Join(root, labels), Options{})
		parts := strings.Split(message, " (l.csv) has ")
		checkMessage(t, message, err, parts...)
	}
	_, err := Load("features:x.npy", Options{})
	checkMessage(t, "no labels", err, "no labels: write features:FEATURES.npy,LABELS.npy")
}

func FuzzNPY(f *testing.F) {
	f.Add(npy(f, "<f4", "False", []float32{1, 2, 3, 4}, 2, 2))
	f.Add(npy(f, "<U2", "False", []rune{'b', 0, 'a', 0}, 2))
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

func FuzzLabelColumn(f *testing.F) {
	f.Add([]byte("row,class\n0,b\n1,\"a\"\n"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = labelColumn(bytes.NewReader(content)) // must not panic
	})
}
