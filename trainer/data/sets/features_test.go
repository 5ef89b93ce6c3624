package sets

import (
	"encoding/binary"
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

// Features and labels as NumPy and other programs save them: each is read as the same numbers.
func TestFeaturesOfEveryKind(t *testing.T) {
	plain := []float32{1, 2, 3, 4, 5, 6}
	zipped := func(arrays map[string][]byte) []byte {
		files := map[string][]byte{}
		for name, content := range arrays {
			files[name+".npy"] = content
		}
		return zippedBy(t, files, "/", 0)
	}
	x := datatest.NPY(t, "<f4", "False", plain, 3, 2)
	y := datatest.NPY(t, "<i8", "False", []int64{7, 7, 8}, 3)
	big := func(values ...float32) (b []byte) {
		for _, v := range values {
			b = binary.BigEndian.AppendUint32(b, math.Float32bits(v))
		}
		return b
	}
	root := datatest.Tree(t, map[string][]byte{
		"x.npy": x, "y.npy": y, "fortran.npy": datatest.NPY(t, "<f4", "True", []float32{1, 3, 5, 2, 4, 6}, 3, 2), "big.npy": datatest.NPY(t, ">f4", "False", big(plain...), 3, 2),
		"x.npz": zipped(map[string][]byte{"arr_0": x}), "xy.npz": zipped(map[string][]byte{"features": x, "labels": y}), "y.npz": zipped(map[string][]byte{"arr_0": y}),
		"bool.npy": datatest.NPY(t, "|b1", "False", []byte{0, 0, 1}, 3), "bytes.npy": datatest.NPY(t, "|S3", "False", []byte("a\x00\x00a \x00bcd"), 3),
		"wide.npy": datatest.NPY(t, ">U1", "False", []byte("\x00\x00\x00a\x00\x00\x00a\x00\x00\x00b"), 3), "bigy.npy": datatest.NPY(t, ">i2", "False", []byte{0, 7, 0, 7, 0, 8}, 3),
		"y.txt": []byte("7\n7\n8\n"), "y.tsv": []byte("name\tlabel\na\t7\nb\t7\nc\t8\n"), "mark.csv": []byte("\ufeffclass\nred fig \nred fig\n\"b\"\n"), "semicolon.csv": []byte("row;class\r\n0;a\r\n1;a\r\n2;b\r\n"),
		"target.csv": []byte("row,target\n0,7\n1,7\n2,8\n"), "odd.csv": []byte("row,kind of thing\n0,7\n1,7\n2,8\n"), "pandas.csv": []byte(",label\n0,7\n1,7\n2,8\n"),
		"ids.csv": []byte("row,image,class,part,file\n0,10,red,train,a/1.jpg\n1,11,red,train,a/2.jpg\n2,12,blue,test,b/1.jpg\n"), "noending": []byte("7\n7\n8\n"), "wrong.csv": y,
	})
	for files, classes := range map[string][]string{
		"x.npy,y.npy": {"7", "8"}, "fortran.npy,y.npy": {"7", "8"}, "big.npy,y.npy": {"7", "8"}, "x.npz,y.npy": {"7", "8"}, "xy.npz": {"7", "8"}, "xy.npz,y.npz": {"7", "8"}, "x.npy,xy.npz": {"7", "8"},
		"x.npy,bool.npy": {"0", "1"}, "x.npy,bytes.npy": {"a", "bcd"}, "x.npy,wide.npy": {"a", "b"}, "x.npy,bigy.npy": {"7", "8"}, "x.npy,y.txt": {"7", "8"}, "x.npy,y.tsv": {"7", "8"},
		"x.npy,mark.csv": {"b", "red fig"}, "x.npy,semicolon.csv": {"a", "b"}, "x.npy,target.csv": {"7", "8"}, "x.npy,odd.csv": {"7", "8"}, "x.npy,pandas.csv": {"7", "8"}, "x.npy,ids.csv": {"blue", "red"},
		"x.npy,noending": {"7", "8"}, "x.npy,wrong.csv": {"7", "8"},
	} {
		var paths []string
		for _, name := range strings.Split(files, ",") {
			paths = append(paths, filepath.Join(root, name))
		}
		set, err := Load("features:"+strings.Join(paths, ","), Options{})
		if err != nil {
			t.Errorf("%s: %v", files, err)
			continue
		}
		if !slices.Equal(set.ClassNames, classes) || set.Len() != 3 || set.Width != 2 {
			t.Errorf("%s: classes %v, want %v, of %d rows", files, set.ClassNames, classes, set.Len())
		}
		batch := make([]float32, 2)
		for i, file := range set.Files {
			var row int
			_, err := fmt.Sscanf(file, "row %d", &row)
			if set.Batch(batch, []int{i}); err != nil || batch[0] != plain[2*row] || batch[1] != plain[2*row+1] {
				t.Errorf("%s: %s is %v", files, file, batch)
			}
		}
		if hasParts := strings.Contains(files, "ids.csv"); (set.Official != nil) != hasParts {
			t.Errorf("%s: official split %v", files, set.Official)
		}
	}
}

// Splits, queries and cameras of features, from columns of the labels and from files.
func TestFeaturesOfAGallery(t *testing.T) {
	root := datatest.Tree(t, map[string][]byte{
		"x.npy": datatest.NPY(t, "<f4", "False", []float32{1, 2, 3, 4, 5, 6}, 6, 1), "y.npy": datatest.NPY(t, "<i4", "False", []int32{1, 1, 2, 3, 3, 4}, 6),
		"all.csv": []byte("label,split,camera,query\n1,train,a,\n1,train,b,\n2,train,a,\n3,test,a,1\n3,test,b,0\n4,test,b,0\n"),
		"s.txt":   []byte("train\ntrain\ntrain\nquery\ngallery\ngallery\n"), "c.npy": datatest.NPY(t, "|u1", "False", []byte{1, 2, 1, 1, 2, 2}, 6), "short.txt": []byte("train\n"),
	})
	at := func(name string) string { return filepath.Join(root, name) }
	for _, files := range []string{at("x.npy") + "," + at("all.csv"), at("x.npy") + "," + at("y.npy") + ",split=" + at("s.txt") + ",camera=" + at("c.npy")} {
		set := load(t, "features:"+files, Options{})
		o := set.Official
		if !slices.Equal(o.Train, []int{0, 1, 2}) || !slices.Equal(o.Query, []int{3}) || !slices.Equal(o.Gallery, []int{4, 5}) || !slices.Equal(set.Cameras, []int32{0, 1, 0, 0, 1, 1}) {
			t.Errorf("%s: %+v, cameras %v", files, o, set.Cameras)
		}
	}
	for files, message := range map[string]string{
		",y.npy,split=short.txt": "6 rows and ROOT/short.txt: 1 values of split: give one for each", ",y.npy,kind=s.txt": `the name is split, query, camera or group`, ",y.npy,s.txt": "write NAME=FILE",
	} {
		spec := at("x.npy")
		for _, part := range strings.Split(files, ",")[1:] {
			if name, file, is := strings.Cut(part, "="); is {
				spec += "," + name + "=" + at(file)
			} else {
				spec += "," + at(part)
			}
		}
		_, err := Load("features:"+spec, Options{})
		datatest.Message(t, files, err, strings.ReplaceAll(message, "ROOT", root))
	}
}

// What is not read says what it is, and what to do.
func TestFeaturesThatAreNotRead(t *testing.T) {
	x := datatest.NPY(t, "<f4", "False", []float32{1, 2, 3, 4}, 2, 2)
	for message, content := range map[string][]byte{
		"Parquet, which is not read: save it with pandas' to_csv":  []byte("PAR1\x15\x04"),
		"HDF5, which is not read: save its arrays with numpy.save": []byte("\x89HDF\r\n\x1a\n"),
		"pickled objects of Python, which are not read":            []byte("\x80\x04\x95\x00\x00"),
		"compressed by gzip: unpack it first":                      []byte("\x1f\x8b\x08\x00"),
		"a file of PyTorch, which is not read: save it with":       zippedBy(t, map[string][]byte{"archive/data.pkl": nil, "archive/data/0": nil}, "/", 0),
		"a file of Excel, which is not read: save it as CSV":       zippedBy(t, map[string][]byte{"[Content_Types].xml": nil}, "/", 0),
		"neither a text nor an array of NumPy":                     {1, 2, 0, 4},
		"objects of Python, which are not read: save numbers":      datatest.NPY(t, "|O", "False", []byte{0x80, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 2),
		"several arrays, a, b: name the one that is meant y":       zippedBy(t, map[string][]byte{"a.npy": x, "b.npy": x}, "/", 0),
		"an archive without arrays of NumPy":                       zippedBy(t, map[string][]byte{"readme": nil}, "/", 0),
		"line 3: no label":                                         []byte("label\na\n\"\"\n"),
		"which NumPy itself does not know: save it as float32":     datatest.NPY(t, "<V2", "False", []byte{1, 2, 3, 4}, 2),
	} {
		root := datatest.Tree(t, map[string][]byte{"x.npy": x, "y": content})
		_, err := Load("features:"+filepath.Join(root, "x.npy")+","+filepath.Join(root, "y"), Options{})
		datatest.Message(t, message, err, filepath.Join(root, "y"), message)
	}
}
