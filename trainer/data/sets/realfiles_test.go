package sets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

// Sets as people have them, each small, with the numbers that must come out.

func load(t *testing.T, spec string, o Options) *data.Set {
	t.Helper()
	set, err := Load(spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// leftOut is what was left out, in a line.
func leftOut(set *data.Set) string {
	var lines []string
	for _, l := range set.LeftOut {
		lines = append(lines, fmt.Sprintf("%d %s (%s)", l.Count, l.Reason, l.First))
	}
	return strings.Join(lines, "; ")
}

// A phone's pictures lie on their side, and their EXIF says so: all of a class are alike.
func TestPhonePictures(t *testing.T) {
	files := map[string][]byte{}
	for class, c := range []color.RGBA{{200, 40, 40, 255}, {40, 200, 40, 255}, {40, 40, 200, 255}} {
		upright := datatest.Halves(32, 32, c, color.Black) // left and right
		files[fmt.Sprintf("c%d/upright.png", class)] = datatest.Picture(t, "png", upright)
		files[fmt.Sprintf("c%d/phone.png", class)] = datatest.ExifPNG(datatest.Picture(t, "png", turned(upright)), datatest.Exif(binary.BigEndian, 8))
	}
	set := load(t, "folder:"+datatest.Tree(t, files), Options{Size: data.Size{Height: 16, Width: 16}})
	for class := range 3 {
		const size = 3 * 16 * 16
		if !bytes.Equal(set.Pixels[2*class*size:][:size], set.Pixels[(2*class+1)*size:][:size]) {
			t.Errorf("class %d: the phone's picture is another", class)
		}
	}
}

// Images of kinds that are not read, of any ending or none, are read or counted by reason.
func TestEndings(t *testing.T) {
	avif, err := os.ReadFile("../photo/testdata/small.avif")
	if err != nil {
		t.Fatal(err)
	}
	picture := datatest.JPEG(t, 1)
	tiff := datatest.TIFF(datatest.Halves(8, 8, color.White, color.Black), binary.LittleEndian, 1)
	set := load(t, "folder:"+datatest.Tree(t, map[string][]byte{
		"a/1.jpg": picture, "a/2.jfif": picture, "a/3": picture, "a/4.dat": picture, "a/5.JPE": picture,
		"b/1.tif": tiff, "b/2.tiff": tiff, "b/3.webp": datatest.WebP(4, 4, 1, 2, 3, 4), "b/4.jpg": datatest.Picture(t, "png", datatest.Halves(4, 4, color.White, color.Black)),
		"c/1.avif": avif, "c/2.jpg": avif, "d/1.png": picture, "d/2.avif": avif,
		"d/animated.webp": []byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x01\x00\x00ANIM"),
		"d/notes.txt":     []byte("mine"), "d/empty": nil, "readme.md": []byte("words"), "cover.jpg": picture,
	}), Options{})
	if sizes := datatest.ClassSizes(set); !slices.Equal(set.ClassNames, []string{"a", "b", "d"}) || !slices.Equal(sizes, []int{5, 4, 1}) {
		t.Errorf("classes %v of %v", set.ClassNames, sizes)
	}
	want := "3 AVIF, which is not read: convert it to JPEG or PNG (c/1.avif); 3 no image (d/empty); 1 not in the folder of a class (cover.jpg); 1 animated WebP, which is not read: convert it to JPEG or PNG (d/animated.webp)"
	if got := leftOut(set); got != want {
		t.Errorf("left out: %s\nwant      %s", got, want)
	}
	if notes := strings.Join(set.Notes, "; "); !strings.Contains(notes, "class c has no image that is read") {
		t.Errorf("notes: %s", notes)
	}
	if len(set.Broken) > 0 {
		t.Errorf("broken: %v", set.Broken)
	}
}

// Files of file managers, notebooks and archivers are no images and make no classes.
func TestHousekeeping(t *testing.T) {
	p, copied := datatest.JPEG(t, 1), datatest.JPEG(t, 2)
	files := map[string][]byte{
		"a/1.jpg": p, "b/1.jpg": p, "a/.ipynb_checkpoints/1-checkpoint.jpg": copied, ".ipynb_checkpoints/2.jpg": copied, "a/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg": copied,
		"@eaDir/x/1.jpg": copied, "__MACOSX/a/._1.jpg": copied, "b/Thumbs.db": copied, "a/.DS_Store": copied, "b/desktop.ini": nil, "#recycle/old/1.jpg": copied, ".git/x/1.jpg": copied,
	}
	check := func(spec string) {
		set := load(t, spec, Options{})
		if !slices.Equal(set.ClassNames, []string{"a", "b"}) || set.Len() != 2 || leftOut(set) != "10 hidden, or made by a file manager (#recycle/old/1.jpg)" {
			t.Errorf("%s: classes %v of %d images, left out %s", spec, set.ClassNames, set.Len(), leftOut(set))
		}
	}
	check("folder:" + datatest.Tree(t, files))
	zipped := filepath.Join(t.TempDir(), "set.zip")
	if err := os.WriteFile(zipped, zippedBy(t, files, "/", 0), 0o644); err != nil {
		t.Fatal(err)
	}
	check("folder:" + zipped)
}

// A zip of a program that writes \ between folders; one that is encrypted; one by another method.
func TestZips(t *testing.T) {
	files := map[string][]byte{"birds/a/1.jpg": datatest.JPEG(t, 1), "birds/b/1.jpg": datatest.JPEG(t, 2)}
	name := filepath.Join(t.TempDir(), "set.zip")
	write := func(content []byte) string {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return "folder:" + name
	}
	set := load(t, write(zippedBy(t, files, `\`, 0)), Options{})
	if !slices.Equal(set.ClassNames, []string{"a", "b"}) || set.Len() != 2 {
		t.Errorf("classes %v", set.ClassNames)
	}
	_, err := Load(write(zippedBy(t, files, "/", 1)), Options{})
	datatest.Message(t, "encrypted", err, "birds/a/1.jpg: encrypted: unpack it with its password")
	content := zippedBy(t, files, "/", 0)
	for at := 0; ; at++ { // the method in the list at the end: Deflate64
		next := bytes.Index(content[at:], []byte("PK\x01\x02"))
		if next < 0 {
			break
		}
		at += next
		content[at+10] = 9
	}
	_, err = Load(write(content), Options{})
	datatest.Message(t, "Deflate64", err, "compressed by method 9, which is not read")
	for what, head := range map[string]string{"compressed by gzip": "\x1f\x8b\x08", "a 7-Zip archive": "7z\xbc\xaf\x27\x1c", "a RAR archive": "Rar!\x1a\x07", "compressed by xz": "\xfd7zXZ\x00"} {
		_, err = Load(write([]byte(head)), Options{})
		datatest.Message(t, what, err, what+": unpack it first")
	}
}

// zippedBy packs files with something between folders, and flags.
func zippedBy(t *testing.T, files map[string][]byte, between string, flags uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range sortedKeys(files) {
		member, err := w.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(name, "/", between), Flags: flags, Method: zip.Deflate})
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

// Where a class shows only at the top and the bottom of tall pictures, crop sees nothing of it
// and says so; squeeze, pad and a tall size see it.
func TestTallPictures(t *testing.T) {
	files := map[string][]byte{}
	for class := range 4 {
		m := datatest.Halves(16, 32, color.Gray{128}, color.Gray{128})
		band := color.RGBA{uint8(60 * class), 200, 0, 255}
		for y := range 8 {
			for x := range 16 {
				m.Set(3+x, 5+y, band)
				m.Set(3+x, 5+31-y, band)
			}
		}
		for i := range 2 {
			files[fmt.Sprintf("c%d/%d.png", class, i)] = datatest.Picture(t, "png", m)
		}
	}
	root := "folder:" + datatest.Tree(t, files)
	for _, test := range []struct {
		o    Options
		red  int // mean of class 3, which has 180 in half of the picture and 128 in the other
		said bool
	}{
		{Options{Size: data.Size{Height: 16, Width: 16}}, 128, true},
		{Options{Size: data.Size{Height: 16, Width: 16}, Margin: true}, 128, true},
		{Options{Size: data.Size{Height: 16, Width: 16}, Resize: "squeeze"}, 154, false},
		{Options{Size: data.Size{Height: 16, Width: 16}, Resize: "pad"}, 139, false}, // half of it is 124
		{Options{Size: data.Size{Height: 32, Width: 16}}, 154, false},
		{Options{Size: data.Size{Height: 8, Width: 32}}, 128, true},
	} {
		set := load(t, root, test.o)
		view := make([]float32, 3*set.Height*set.Width)
		set.Batch(view, []int{set.Len() - 1})
		sum := 0.0
		for _, v := range view[:set.Height*set.Width] {
			sum += 255 * (float64(v)*0.229 + 0.485)
		}
		if mean := sum / float64(set.Height*set.Width); math.Abs(mean-float64(test.red)) > 2 || set.Height != test.o.Size.Height || set.Width != test.o.Size.Width {
			t.Errorf("%+v: a mean of %g in %d × %d, want %d", test.o, mean, set.Height, set.Width, test.red)
		}
		if said := len(set.Notes) == 1 && strings.Contains(set.Notes[0], "of 8 of 8 pictures a large part"); said != test.said {
			t.Errorf("%+v: notes %v", test.o, set.Notes)
		}
	}
}

func TestParts(t *testing.T) {
	p := datatest.JPEG(t, 1)
	tree := func(names ...string) string {
		files := map[string][]byte{}
		for _, name := range names {
			files[name+"/1.jpg"], files[name+"/2.jpg"] = p, p
		}
		return "folder:" + datatest.Tree(t, files)
	}
	for what, test := range map[string]struct {
		spec                                    string
		classes                                 int
		train, validation, test, query, gallery int // images of the official split
		note                                    string
	}{
		"Train and Test":             {tree("Train/a", "Train/b", "TEST/c", "TEST/d"), 4, 4, 0, 4, 0, 0, ""},
		"three parts":                {tree("train/a", "train/b", "val/c", "val/d", "test/e", "test/f"), 6, 4, 4, 4, 0, 0, ""},
		"packed with their folder":   {tree("set/train/a", "set/train/b", "set/test/c", "set/test/d"), 4, 4, 0, 4, 0, 0, ""},
		"query and gallery":          {tree("train/a", "train/b", "query/c", "query/d", "gallery/c", "gallery/d", "gallery/e"), 5, 4, 0, 10, 4, 6, ""},
		"query and gallery in test":  {tree("train/a", "train/b", "test/query/c", "test/gallery/c", "test/gallery/d", "test/query/d"), 4, 4, 0, 8, 4, 4, ""},
		"validation alone":           {tree("train/a", "train/b", "valid/c", "valid/d"), 4, 4, 0, 4, 0, 0, "its validation part is the test"},
		"classification":             {tree("train/a", "train/b", "val/a", "val/b", "test/a", "test/b"), 2, 0, 0, 0, 0, 0, "training and test parts have classes in common"},
		"validation as training has": {tree("train/a", "train/b", "val/a", "val/b", "test/c", "test/d"), 4, 8, 0, 4, 0, 0, "training and validation parts have classes in common"},
	} {
		set := load(t, test.spec, Options{})
		o := set.Official
		if o == nil {
			o = &data.Official{}
		}
		if set.Classes() != test.classes || len(o.Train) != test.train || len(o.Validation) != test.validation || len(o.Test) != test.test || len(o.Query) != test.query || len(o.Gallery) != test.gallery {
			t.Errorf("%s: %d classes, %d train, %d validation, %d test, %d queries, %d gallery", what, set.Classes(), len(o.Train), len(o.Validation), len(o.Test), len(o.Query), len(o.Gallery))
		}
		if notes := strings.Join(set.Notes, "; "); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
			t.Errorf("%s: notes %q", what, notes)
		}
		if test.validation > 0 {
			split, err := data.SplitClasses(set, 1, data.Fractions{})
			if err != nil || !slices.Equal(split.Validation, o.Validation) {
				t.Errorf("%s: the validation part is split anew (%v)", what, err)
			}
		}
	}
	_, err := Load(tree("train/a", "train/b", "train/c", "test/c", "test/d", "test/e"), Options{})
	datatest.Message(t, "one class in common", err, "class c is in the training part and in the test")
	// A folder with a class that is called as a part is is one of classes.
	if set := load(t, tree("train", "bus", "plane"), Options{}); set.Classes() != 3 || set.Official != nil {
		t.Errorf("a class of trains: classes %v", set.ClassNames)
	}
}

// turned is a picture as a phone stores it whose EXIF says 8: the first row is seen at the left,
// the first column at the bottom.
func turned(m image.Image) image.Image {
	bounds := m.Bounds()
	stored := image.NewRGBA(image.Rect(0, 0, bounds.Dy(), bounds.Dx()))
	for row := range bounds.Dx() {
		for column := range bounds.Dy() {
			stored.Set(column, row, m.At(bounds.Min.X+row, bounds.Max.Y-1-column))
		}
	}
	return stored
}
