package sets

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"
)

// published is where the two small background sets lie beside the repository.
func published(t *testing.T) string {
	t.Helper()
	path := filepath.FromSlash("../../../../shared/data/omniglot")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("Omniglot's small sets are not at %s", path)
	}
	return path
}

func TestPublishedOmniglot(t *testing.T) {
	path := published(t)
	// Counts of the README beside the zips.
	for _, test := range []struct {
		path            string
		classes, images int
	}{
		{path, 242, 4840},
		{filepath.Join(path, "images_background_small1.zip"), 136, 2720},
		{filepath.Join(path, "images_background_small2.zip"), 156, 3120},
	} {
		set, err := Load("omniglot:"+test.path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if set.Classes() != test.classes || set.Len() != test.images {
			t.Errorf("%s: %d classes, %d images, want %d, %d", test.path, set.Classes(), set.Len(), test.classes, test.images)
		}
		datatest.Verify(t, set)
		for class, n := range datatest.ClassSizes(set) {
			if n != 20 {
				t.Errorf("%s: %d drawings", set.ClassNames[class], n)
			}
		}
		for i := range set.Len() {
			if got := inked(set.Pixels[i*1024:][:1024]); got < 10*255 || got > 512*255 {
				t.Errorf("image %d of %s: ink %d", i, set.ClassNames[set.Labels[i]], got)
			}
		}
	}
}

// encoded is a drawing of side × side pixels, white with a black band of 21 rows from top.
func encoded(t testing.TB, side, top int) []byte {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for i := top * side; i < min((top+21)*side, len(picture.Pix)); i++ {
		picture.Pix[i] = 1
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipped packs files, name to content, in the order of their names.
func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		member, err := w.Create(name)
		if err == nil {
			_, err = member.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOmniglotMergesSources(t *testing.T) {
	band := encoded(t, 105, 42)
	one := map[string][]byte{
		"small1/Greek/character02/0002_01.png": band,
		"small1/Greek/character01/0001_02.png": band,
		"small1/Greek/character01/0001_01.png": band,
	}
	two := map[string][]byte{
		"small2/Greek/character01/0001_02.png":            band, // there already
		"small2/Greek/character01/0001_03.png":            band,
		"small2/Ojibwe_(Canadian)/character10/010_01.png": band,
		"__MACOSX/small2/Greek/character09/9_01.png":      []byte("no PNG"),
		"small2/readme.txt":                               []byte("hello"),
		"small2/overview.png":                             []byte("no PNG"),
	}
	want := []string{"Greek/character01", "Greek/character02", "Ojibwe_(Canadian)/character10"}
	folders := map[string][]byte{"deeper/two.zip": zipped(t, two), "Greek/character01/._0001_01.png": nil}
	for name, content := range one {
		folders["a/b/"+name] = content
	}
	for what, root := range map[string]string{
		"zips":            datatest.Tree(t, map[string][]byte{"1.zip": zipped(t, one), "2.ZIP": zipped(t, two)}),
		"zip and folders": datatest.Tree(t, folders),
	} {
		set, err := Load("omniglot:"+root, Options{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		datatest.Verify(t, set)
		if !slices.Equal(set.ClassNames, want) || !slices.Equal(set.Labels, []int32{0, 0, 0, 1, 2}) {
			t.Errorf("%s: classes %v, labels %v", what, set.ClassNames, set.Labels)
		}
	}
}

func TestOmniglotTakesAnAlphabetsFolder(t *testing.T) {
	root := datatest.Tree(t, map[string][]byte{"Greek/character01/0001_01.png": encoded(t, 105, 42)})
	set, err := Load("omniglot:"+filepath.Join(root, "Greek"), Options{})
	if err != nil || !slices.Equal(set.ClassNames, []string{"Greek/character01"}) {
		t.Errorf("%v, %v", set, err)
	}
}

func TestBrokenDrawings(t *testing.T) {
	whole := encoded(t, 105, 42)
	root := datatest.Tree(t, map[string][]byte{
		"Greek/character01/0001_01.png": whole, "Greek/character01/0001_02.png": whole[:len(whole)-30],
		"Greek/character02/0002_01.png": []byte("no PNG"), "Greek/character03/0003_01.png": whole,
	})
	_, err := Load("omniglot:"+root, Options{})
	datatest.Message(t, "cut short", err, "0001_02.png", "not a whole PNG")
	set, err := Load("omniglot:"+root, Options{SkipBroken: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.ClassNames, []string{"Greek/character01", "Greek/character03"}) || set.Len() != 2 || len(set.Broken) != 2 || !strings.Contains(set.Broken[1], "0002_01.png") {
		t.Errorf("classes %v, broken %v", set.ClassNames, set.Broken)
	}
	view, want := make([]float32, drawingSide*drawingSide), make([]float32, drawingSide*drawingSide)
	set.Batch(want, []int{0})
	if set.Batch(view, []int{1}); !slices.Equal(view, want) {
		t.Error("what is left are not the drawings of their files")
	}
}
