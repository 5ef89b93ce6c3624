package glyph

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/sfnt"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
)

// collection is a font in a collection whose tables lie as far off as it says, of four bytes.
func collection(font []byte, off int) []byte {
	file := binary.BigEndian.AppendUint32([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01"), 16)
	head := len(file)
	tables := int(binary.BigEndian.Uint16(font[4:]))
	directory := 12 + 16*tables
	file = append(file, font[:directory]...)
	file = append(file, make([]byte, off)...)
	moved := len(file) - directory
	for i := range tables {
		at := file[head+12+16*i+8:]
		binary.BigEndian.PutUint32(at, binary.BigEndian.Uint32(at)+uint32(moved))
	}
	return append(file, font[directory:]...)
}

func fontFolder(t testing.TB) string {
	t.Helper()
	return datatest.Tree(t, map[string][]byte{
		"go/Go-Regular.ttf": goregular.TTF, "go/Go-Bold.ttf": gobold.TTF, "DejaVu.TTC": collection(dejavusans.TTF, 3),
		"liberation.otf": liberationsansregular.TTF, "readme.txt": []byte("no font"),
		"go/SC.ttf": gosmallcaps.TTF,
	})
}

func TestFonts(t *testing.T) {
	root := fontFolder(t)
	set, err := Fonts(root, true, false)
	if err != nil {
		t.Fatal(err)
	}
	datatest.Verify(t, set)
	plain, err := Fonts(root, false, false)
	if err != nil {
		t.Fatal(err)
	}
	// Three families, one of them of two faces: where they differ there are four images.
	for class, n := range datatest.ClassSizes(set) {
		if n != 3 && n != 4 {
			t.Errorf("class %s has %d images, want 3 or 4", set.ClassNames[class], n)
		}
	}
	if faces, _, err := findFonts(root, false); err != nil || len(faces) != 4 || slices.ContainsFunc(faces, func(f face) bool { return f.name == "SC.ttf" }) {
		t.Errorf("%d faces (%v): want 4, without the small capitals", len(faces), err)
	}
	if set.Classes() < 200 || !slices.ContainsFunc(set.ClassNames, func(name string) bool { return strings.HasPrefix(name, "U+0041 AΑА") }) {
		t.Errorf("%d classes, among them %v", set.Classes(), set.ClassNames[:20])
	}
	if bytes.Equal(set.Pixels, plain.Pixels) || !slices.Equal(set.Labels, plain.Labels) {
		t.Error("jitter changes nothing, or the classes")
	}
}

// A collection's first font is the font itself, wherever its tables lie.
func TestRealign(t *testing.T) {
	for off := range 4 {
		aligned, err := realign(collection(goregular.TTF, off))
		if err != nil {
			t.Fatal(err)
		}
		font, err := sfnt.Parse(aligned)
		if err != nil {
			t.Fatalf("%d bytes off: %v", off, err)
		}
		want, err := sfnt.Parse(goregular.TTF)
		if err != nil {
			t.Fatal(err)
		}
		a, b := typeface{font: font, em: 1}, typeface{font: want, em: 1}
		var buf sfnt.Buffer
		got, err := a.outlineOf(&buf, 'ß')
		if err != nil {
			t.Fatal(err)
		}
		same, err := b.outlineOf(&buf, 'ß')
		if err != nil || len(got) == 0 || !slices.Equal(got, same) {
			t.Errorf("%d bytes off: another outline (%v)", off, err)
		}
	}
}

func TestFontsThatCannotBeRead(t *testing.T) {
	root := datatest.Tree(t, map[string][]byte{
		"a.ttf": goregular.TTF, "b.ttf": dejavusans.TTF, "c.ttf": liberationsansregular.TTF, "cut.ttf": gobold.TTF[:len(gobold.TTF)/2], "text.otf": []byte("no font"),
	})
	_, err := Fonts(root, true, false)
	datatest.Line(t, "cut short", err, "font "+filepath.Join(root, "cut.ttf"), "no TrueType or OpenType font, or cut short")
	set, err := Fonts(root, true, true)
	if err != nil || len(set.Broken) != 2 || !strings.Contains(set.Broken[0], "cut.ttf") || !strings.Contains(set.Broken[1], "text.otf") {
		t.Errorf("broken %v (%v)", set.Broken, err)
	}
	_, err = Fonts(t.TempDir(), true, false)
	datatest.Line(t, "empty", err, "no fonts: want files that end in .ttf, .otf or .ttc")
	_, err = Fonts("nowhere", true, false)
	datatest.Line(t, "nowhere", err, "nowhere: no such folder")
	_, err = Fonts(datatest.Tree(t, map[string][]byte{"a.ttf": goregular.TTF}), true, false)
	datatest.Line(t, "one font", err, "no character is in fonts of three families")
}

func FuzzFont(f *testing.F) {
	f.Add(collection(goregular.TTF, 1))
	f.Add(goregular.TTF[:300])
	f.Add([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"))
	f.Fuzz(func(_ *testing.T, file []byte) {
		one, err := parseFont("fuzz", file)
		if err != nil {
			return
		}
		faces, err := parseFaces([]face{one})
		if err != nil {
			return
		}
		var buf sfnt.Buffer
		var brush canvas
		pixels := make([]uint8, glyphArea)
		for _, r := range "0Aß" {
			if contour, err := faces[0].outlineOf(&buf, r); err == nil {
				brush.draw(pixels, contour, upright()) // must not panic
			}
		}
	})
}
