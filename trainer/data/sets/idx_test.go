package sets

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"maps"
	"os"
	"slices"
	"testing"

	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/data/files"
)

// idx is an IDX file of bytes.
func idx(body []byte, shape ...int) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	for _, n := range shape {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return append(b, body...)
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestIDX(t *testing.T) {
	train, test := idx([]byte{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3}, 3, 2, 3), idx([]byte{4, 4, 4, 4, 4, 4}, 1, 2, 3)
	trainLabels, testLabels := idx([]byte{7, 10, 7}, 3), idx([]byte{9}, 1)
	for name, files := range map[string]map[string][]byte{
		"plain":  {"train-images-idx3-ubyte": train, "train-labels-idx1-ubyte": trainLabels, "t10k-images-idx3-ubyte": test, "t10k-labels-idx1-ubyte": testLabels},
		"dotted": {"train-images.idx3-ubyte": train, "train-labels.idx1-ubyte": trainLabels, "t10k-images.idx3-ubyte": test, "t10k-labels.idx1-ubyte": testLabels},
		"gzipped": {"raw/train-images-idx3-ubyte.gz": gzipped(t, train), "raw/train-labels-idx1-ubyte.gz": gzipped(t, trainLabels),
			"raw/t10k-images-idx3-ubyte.gz": gzipped(t, test), "raw/t10k-labels-idx1-ubyte.gz": gzipped(t, testLabels), "readme": nil},
		"both": {"train-images-idx3-ubyte": train, "train-images-idx3-ubyte.gz": []byte("ignored"), "train-labels-idx1-ubyte.gz": gzipped(t, trainLabels),
			"t10k-images-idx3-ubyte": test, "t10k-labels-idx1-ubyte": testLabels},
	} {
		set, err := Load("idx:"+datatest.Tree(t, files), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(set.ClassNames, []string{"7", "9", "10"}) || !slices.Equal(set.Labels, []int32{0, 0, 1, 2}) || set.Height != 2 || set.Width != 3 {
			t.Errorf("%s: classes %v of %v, %d×%d", name, set.ClassNames, set.Labels, set.Height, set.Width)
		}
		datatest.Verify(t, set)
		for i, want := range []uint8{1, 3, 4, 2} {
			if set.Pixels[6*i] != want || set.Pixels[6*i+5] != want {
				t.Errorf("%s: image %d is %v, want %d", name, i, set.Pixels[6*i:6*i+6], want)
			}
		}
	}
}

func TestIDXErrors(t *testing.T) {
	good := map[string][]byte{"train-images-idx3-ubyte": idx(make([]byte, 18), 3, 2, 3), "train-labels-idx1-ubyte": idx(make([]byte, 3), 3)}
	for message, change := range map[string]map[string][]byte{
		"17 bytes for a shape of [3 2 3]: cut short":                             {"train-images-idx3-ubyte": idx(make([]byte, 17), 3, 2, 3)},
		"no IDX file of bytes in 3 dimensions":                                   {"train-images-idx3-ubyte": idx(make([]byte, 6), 2, 3)},
		"no IDX file of bytes in 1 dimensions":                                   {"train-labels-idx1-ubyte": nil},
		"dimension 1 is 0":                                                       {"train-images-idx3-ubyte": idx(nil, 3, 0, 3)},
		"dimension 2 is 4294967295":                                              {"train-images-idx3-ubyte": idx(nil, 3, 2, 1<<32-1)},
		"3 images and train-labels-idx1-ubyte 2":                                 {"train-labels-idx1-ubyte": idx(make([]byte, 2), 2)},
		"images of 2×3 after some of 3×3":                                        {"t10k-images-idx3-ubyte": idx(make([]byte, 9), 1, 3, 3), "t10k-labels-idx1-ubyte": idx(make([]byte, 1), 1)},
		"several sets, letters-train-images-idx3-ubyte, train-images-idx3-ubyte": {"letters-train-images-idx3-ubyte": nil},
		"test-labels-idx1-ubyte.gz":                                              {"test-images-idx3-ubyte": idx(make([]byte, 6), 1, 2, 3)},
	} {
		files := maps.Clone(good)
		maps.Copy(files, change)
		_, err := Load("idx:"+datatest.Tree(t, files), Options{})
		datatest.Message(t, message, err, message)
	}
	_, err := Load("idx:"+datatest.Tree(t, map[string][]byte{"train-images-idx3-ubyte.gz": []byte("x")}), Options{})
	datatest.Message(t, "gzip", err, "no gzip file, or damaged")
	cut := gzipped(t, good["train-images-idx3-ubyte"])
	_, err = Load("idx:"+datatest.Tree(t, map[string][]byte{"train-images-idx3-ubyte.gz": cut[:len(cut)-9]}), Options{})
	datatest.Message(t, "gzip cut", err, "train-images-idx3-ubyte.gz", "cut short or damaged")
	_, err = Load("idx:"+t.TempDir(), Options{})
	datatest.Message(t, "empty", err, "want files like train-images-idx3-ubyte.gz")
}

// Fashion-MNIST as Debian packages it, where that is installed.
func TestFashionMNIST(t *testing.T) {
	const folder = "/usr/share/datasets/fashion-mnist"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("dataset-fashion-mnist is not installed")
	}
	if testing.Short() {
		t.Skip("70,000 images")
	}
	set, err := Load("idx:"+folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	datatest.Verify(t, set)
	if set.Len() != 70000 || set.Classes() != 10 || set.Height != 28 {
		t.Errorf("%d images of %d classes, %d high", set.Len(), set.Classes(), set.Height)
	}
}

func FuzzIDX(f *testing.F) {
	f.Add(idx(make([]byte, 18), 3, 2, 3), idx(make([]byte, 3), 3), false)
	f.Add(gzipped(f, idx(make([]byte, 18), 3, 2, 3)), idx(make([]byte, 3), 3), true)
	f.Fuzz(func(t *testing.T, images, labels []byte, zipped bool) {
		name := "train-images-idx3-ubyte"
		if zipped {
			name += ".gz"
		}
		set, err := loadIDX(files.Of("archive", map[string][]byte{name: images, "train-labels-idx1-ubyte": labels}))
		if err == nil {
			datatest.Verify(t, set)
		}
	})
}
