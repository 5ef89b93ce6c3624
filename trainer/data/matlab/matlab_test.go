package matlab

import (
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"
)

func TestMatStructs(t *testing.T) {
	for _, compress := range []bool{false, true} {
		w := datatest.Matlab{Compress: compress}
		file := w.Structs("annotations", []string{"relative_im_path", "class", "test"},
			[][]any{{"car_ims/000001.jpg", 1.0, 0.0}, {"é/2.jpg", 196.0, 1.5}, {"ab", 1000.0, 1.0}})
		got, err := Structs(file, "annotations")
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 || got[0]["relative_im_path"] != "car_ims/000001.jpg" || got[0]["class"] != 1.0 || got[1]["relative_im_path"] != "é/2.jpg" ||
			got[1]["class"] != 196.0 || got[1]["test"] != 1.5 || got[2]["relative_im_path"] != "ab" || got[2]["class"] != 1000.0 {
			t.Errorf("compressed %v: %v", compress, got)
		}
		_, err = Structs(file, "other")
		datatest.Line(t, "another name", err, `no array of structures "other"`)
		for n := range file {
			if got, err := Structs(file[:n], "annotations"); err == nil && len(got) != 3 {
				t.Errorf("%d of %d bytes: %v", n, len(file), got)
			}
		}
	}
	_, err := Structs([]byte(strings.Repeat("x", 200)), "annotations")
	datatest.Line(t, "no MATLAB", err, "no MATLAB file of version 5")
}

func FuzzMat(f *testing.F) {
	for _, compress := range []bool{false, true} {
		f.Add(datatest.Matlab{Compress: compress}.Structs("a", []string{"b", "c"}, [][]any{{"text", 3.0}, {"more", 1.5}}))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		structs, err := Structs(file, "a")
		if err != nil && structs != nil {
			t.Error("structures and an error")
		}
	})
}
