package sets

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"crossbatch/trainer/data/datatest"
)

// Sets as other systems and programs leave them, beyond those that people have reported.
func TestOddSets(t *testing.T) {
	p := datatest.JPEG(t, 1)
	wide := []byte{0xff, 0xfe} // as PowerShell's > writes it
	for _, u := range utf16.Encode([]rune("a train\r\nb test\r\nc test\r\nd train\r\n")) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	root := datatest.Tree(t, map[string][]byte{
		"windows/split.txt": wide, "windows/a/1.jpg": p, "windows/b/1.jpg": p, "windows/c/1.jpg": p, "windows/d/1.jpg": p,
		"blanks/a/1.jpg": p, "blanks/a /2.jpg": p, "blanks/ b/1.jpg": p,
		"mac/caf\u00e9/1.jpg": p, "mac/cafe\u0301/2.jpg": p, "mac/b/1.jpg": p, "mac/split.txt": []byte("cafe\u0301 train\nb test\n"),
		"kaggle/train/a/1.jpg": p, "kaggle/train/b/1.jpg": p, "kaggle/test/1.jpg": p, "kaggle/test/2.jpg": p,
		"old.csv": []byte("path,label\rmac/b/1.jpg,x\rkaggle/test/1.jpg,y\r"),
	})
	absolute := strings.ReplaceAll("image;identity\nROOT/mac/b/1.jpg;x\nROOT/kaggle/test/1.jpg;y\n", "ROOT", filepath.ToSlash(root))
	elsewhere := datatest.Tree(t, map[string][]byte{"abs.csv": []byte(absolute)})
	for spec, want := range map[string]struct {
		classes []string
		images  int
		train   int // of the official split; -1: none
		note    string
	}{
		"folder:" + root + "/windows":   {[]string{"a", "b", "c", "d"}, 4, 2, ""},
		"folder:" + root + "/blanks":    {[]string{"a", "b"}, 3, -1, ""},
		"folder:" + root + "/mac":       {[]string{"b", "caf\u00e9"}, 3, 2, ""},
		"folder:" + root + "/kaggle":    {[]string{"a", "b"}, 2, -1, "no classes are for the test"},
		"csv:" + root + "/old.csv":      {[]string{"x", "y"}, 2, -1, ""},
		"csv:" + elsewhere + "/abs.csv": {[]string{"x", "y"}, 2, -1, ""},
	} {
		set, err := Load(spec, Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		train := -1
		if set.Official != nil {
			train = len(set.Official.Train)
		}
		if notes := strings.Join(set.Notes, "; "); !slices.Equal(set.ClassNames, want.classes) || set.Len() != want.images || train != want.train || !strings.Contains(notes, want.note) {
			t.Errorf("%s: classes %q of %d images, %d train, notes %q", spec, set.ClassNames, set.Len(), train, notes)
		}
	}
}

// Features as the pooling of a network leaves them, and labels that are no labels.
func TestFeaturesWithDimensionsOfOne(t *testing.T) {
	root := datatest.Tree(t, map[string][]byte{
		"x.npy": datatest.NPY(t, "<f4", "False", []float32{1, 2, 3, 4}, 2, 2, 1, 1), "y.npy": datatest.NPY(t, "<i4", "False", []int32{7, 8}, 1, 2),
		"one.npy": datatest.NPY(t, "<f4", "False", []float32{5, 6}, 2, 1), "scores.npy": datatest.NPY(t, "<f4", "False", []float32{1, 0, 0, 1}, 2, 2),
	})
	spec := func(x, y string) string { return "features:" + filepath.Join(root, x) + "," + filepath.Join(root, y) }
	if set := load(t, spec("x.npy", "y.npy"), Options{}); set.Width != 2 || !slices.Equal(set.ClassNames, []string{"7", "8"}) || !slices.Equal(set.Features, []float32{1, 2, 3, 4}) {
		t.Errorf("%d numbers, classes %v: %v", set.Width, set.ClassNames, set.Features)
	}
	if set := load(t, spec("one.npy", "y.npy"), Options{}); set.Width != 1 || set.Len() != 2 {
		t.Errorf("%d rows of %d numbers", set.Len(), set.Width)
	}
	_, err := Load(spec("x.npy", "scores.npy"), Options{})
	datatest.Message(t, "scores in place of labels", err, "an array of shape [2 2]: want one label a row: of scores or of ones and zeros save the argmax")
}

// What stands in place of an image says what it is, and is left out where that is asked for.
func TestInPlaceOfImages(t *testing.T) {
	p := datatest.JPEG(t, 1)
	for message, content := range map[string][]byte{
		"empty: fetch it again":                            {},
		"a web page in place of the image: fetch it again": []byte("<!DOCTYPE html><html></html>"),
		"git lfs pull":                                     []byte("version https://git-lfs.github.com/spec/v1\n"),
		"damaged or cut short":                             bytes.Clone(p[:len(p)-30]),
	} {
		root := "folder:" + datatest.Tree(t, map[string][]byte{"a/1.jpg": p, "a/2.jpg": content, "b/1.jpg": p})
		_, err := Load(root, Options{})
		datatest.Message(t, message, err, "2.jpg", message)
		if set := load(t, root, Options{SkipBroken: true}); set.Len() != 2 || len(set.Broken) != 1 || !strings.Contains(set.Broken[0], message) {
			t.Errorf("%s: %d images, broken %v", message, set.Len(), set.Broken)
		}
	}
}
