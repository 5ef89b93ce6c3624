package sets

import (
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"
)

func TestFeatures(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	root := datatest.Tree(t, map[string][]byte{
		"x.npy": datatest.NPY(t, "<f4", "False", x, 4, 2), "l.npy": datatest.NPY(t, "<i8", "False", []int64{10, 9, 10, -1}, 4),
		"l.csv": []byte("row,class\n0,b\n1,a\n2,b\n3,c\n"), "plain.csv": []byte("b\na\nb\nc\n"),
		"column.npy": datatest.NPY(t, "<i2", "False", []int16{10, 9, 10, -1}, 4, 1),
		"text.npy":   datatest.NPY(t, "<U2", "False", []rune{'b', 0, 'a', 0, 'b', 0, 'é', 'x'}, 4),
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

func TestFeatureErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := datatest.NPY(t, "<f4", "False", []float32{1, 2, 3, 4}, 2, 2)
	claim := append([]byte("\x93NUMPY\x02\x00"), 0xff, 0xff, 0xff, 0xff) // a header of 4 GiB
	for message, files := range map[string]map[string][]byte{
		"row 1 has NaN at place 0: want finite":     {"x.npy": datatest.NPY(t, "<f4", "False", []float32{1, 2, nan, 4}, 2, 2)},
		"row 0 has +Inf at place 1: want finite":    {"x.npy": datatest.NPY(t, "<f4", "False", []float32{1, inf, 3, 4}, 2, 2)},
		"row 0 has 1e+200 at place 1":               {"x.npy": datatest.NPY(t, "<f8", "False", []float64{1, 1e200, 3, 4}, 2, 2)},
		`values of kind "<c8"`:                      {"x.npy": datatest.NPY(t, "<c8", "False", []float32{1, 2, 3, 4}, 2, 1)},
		"an array of shape [4]: want rows":          {"x.npy": datatest.NPY(t, "<f4", "False", []float32{1, 2, 3, 4}, 4)},
		"an array of shape [2 0]: want rows":        {"x.npy": datatest.NPY(t, "<f4", "False", []float32{}, 2, 0)},
		"15 bytes for 4 values of kind <f4: cut":    {"x.npy": good[:len(good)-1]},
		"for 2147483648 values":                     {"x.npy": datatest.NPY(t, "<f4", "False", []float32{1}, 1<<16, 1<<15)},
		"is too large":                              {"x.npy": datatest.NPY(t, "<f4", "False", []float32{1}, 1<<40, 2)},
		"no .npy file, or cut short":                {"x.npy": claim},
		"no .npy file, or":                          {"x.npy": []byte("this is not an array")},
		"label 1 is 0.5: want whole numbers":        {"l.npy": datatest.NPY(t, "<f4", "False", []float32{1, 0.5}, 2)},
		"label 0 is NaN: want whole numbers":        {"l.npy": datatest.NPY(t, "<f4", "False", []float32{nan, 0.5}, 2)},
		"an array of shape [2 2]: want one label":   {"l.npy": datatest.NPY(t, "<i4", "False", []int32{1, 2, 3, 4}, 2, 2)},
		"x.npy has 2 rows and":                      {"l.npy": datatest.NPY(t, "<i4", "False", []int32{1, 2, 3}, 3)},
		"l.npy: no such file or directory":          {"l.npy": nil},
		"l.csv, line 2: no label":                   {"l.npy": nil, "l.csv": []byte("a,1\nb,\n")},
		"l.csv, line 2: wrong number of fields":     {"l.npy": nil, "l.csv": []byte("a,1\nb\n")},
		"x.npy has 2 rows and (l.csv) has 0 labels": {"l.npy": nil, "l.csv": []byte("label\n")},
	} {
		all := map[string][]byte{"x.npy": good, "l.npy": datatest.NPY(t, "<i4", "False", []int32{1, 2}, 2)}
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
		root := datatest.Tree(t, all)
		_, err := Load("features:"+filepath.Join(root, "x.npy")+","+filepath.Join(root, labels), Options{})
		parts := strings.Split(message, " (l.csv) has ")
		datatest.Message(t, message, err, parts...)
	}
	_, err := Load("features:x.npy", Options{})
	datatest.Message(t, "no labels", err, "no labels: write features:FEATURES.npy,LABELS.npy")
}
