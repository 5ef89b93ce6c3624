package sets

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"
)

// Lists keep their order; folders and archives have that of their names.
func TestImagesWithoutClasses(t *testing.T) {
	picture := datatest.JPEG(t, 1)
	root := datatest.Tree(t, map[string][]byte{
		"b/1.png": picture, "a.png": picture, "b/c/2.png": picture, "list.txt": []byte("\xef\xbb\xbfb/1.png\r\n# no\r\n\r\na.png\r\nb/1.png\r\ngone.png\r\n"),
	})
	at := func(name string) string { return "images:" + filepath.Join(root, name) }
	for _, test := range []struct {
		spec, input string
		files       []string
		broken      int
	}{
		{at(""), "", []string{"a.png", "b/1.png", "b/c/2.png"}, 0},
		{at("b"), "", []string{"1.png", "c/2.png"}, 0},
		{at("list.txt"), "", []string{"b/1.png", "a.png", "b/1.png"}, 1},
		{"images:-", filepath.Join(root, "a.png") + "\n", []string{filepath.ToSlash(filepath.Join(root, "a.png"))}, 0},
	} {
		set, err := Load(test.spec, Options{Input: strings.NewReader(test.input)})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(set.Files, test.files) || len(set.Broken) != test.broken || !set.NoClasses || set.Classes() != 1 {
			t.Errorf("%s: %v, broken %v", test.spec, set.Files, set.Broken)
		}
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Load("images:-", Options{}); err == nil || !strings.Contains(err.Error(), "no standard input") {
		t.Error(err)
	}
}

// Whatever the text, listing it does not panic, and every entry has a path and a line.
func FuzzImageList(f *testing.F) {
	f.Add("a.png\n# b\n\nc\\d.jpg\r\n")
	f.Add("\xff\xfea\x00\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := listedImages("list", ".", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, e := range l.entries {
			if e.file == "" || !strings.HasPrefix(e.where, "list, line ") {
				t.Errorf("%+v", e)
			}
		}
	})
}
