package sets

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"path/filepath"
	"testing"

	"crossbatch/trainer/data/datatest"
)

func TestOmniglotErrors(t *testing.T) {
	const member = "set/Greek/character01/0001_01.png"
	band := encoded(t, 105, 42)
	good := zipped(t, map[string][]byte{member: band})
	flipped := bytes.Clone(good)
	flipped[30+len(member)+20] ^= 0xff // a local header of 30 bytes, the name, the data

	for _, test := range []struct {
		name    string
		files   map[string][]byte
		path    string
		message []string
	}{
		{"empty folder", nil, "", []string{"no drawings", "ALPHABET/characterNN"}},
		{"empty zip", map[string][]byte{"a.zip": zipped(t, nil)}, "a.zip", []string{"a.zip", "no drawings"}},
		{"zip cut short", map[string][]byte{"a.zip": good[:len(good)/2]}, "", []string{"a.zip", "cut short"}},
		{"no zip", map[string][]byte{"a.tar": []byte("what is this")}, "a.tar", []string{"a.tar", "no zip"}},
		{"zip of nothing", map[string][]byte{"a.zip": {}}, "", []string{"a.zip", "cut short"}},
		{"wrong nesting", map[string][]byte{"a.zip": zipped(t, map[string][]byte{"Greek/0001_01.png": band})}, "", []string{"no drawings"}},
		{"damaged member", map[string][]byte{"a.zip": flipped}, "", []string{"a.zip", member}},
		{"broken PNG in a zip", map[string][]byte{"a.zip": zipped(t, map[string][]byte{member: band[:60]})}, "", []string{"a.zip", member, "not a whole PNG"}},
		{"broken PNG", map[string][]byte{member: []byte("GIF89a")}, "", []string{filepath.FromSlash(member), "not a whole PNG"}},
		{"empty PNG", map[string][]byte{member: {}}, "", []string{filepath.FromSlash(member), "not a whole PNG"}},
		{"wrong size", map[string][]byte{member: encoded(t, 28, 4)}, "", []string{filepath.FromSlash(member), "28×28 pixels, not 105×105"}},
		{"large file", map[string][]byte{member: make([]byte, maxDrawingBytes+1)}, "", []string{filepath.FromSlash(member), "larger than 65536 bytes"}},
	} {
		root := datatest.Tree(t, test.files)
		_, err := Load("omniglot:"+filepath.Join(root, test.path), Options{})
		datatest.Message(t, test.name, err, test.message...)
	}
}

func TestPlaceOf(t *testing.T) {
	for name, want := range map[string]string{
		"a/Greek/character01/x.png": "Greek/character01",
		"Greek/character7/x.png":    "Greek/character7",
		"character01/x.png":         "",
		"Greek/character/x.png":     "",
		"Greek/characterX1/x.png":   "",
		"Greek/character01/x.txt":   "",
		"Greek/character01/.x.png":  "",
		"../character01/x.png":      "",
		"/character01/x.png":        "",
		"":                          "",
	} {
		if class, _, ok := placeOf(name); class != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", name, class, ok)
		}
	}
}

// FuzzOmniglotZip feeds the reader zips of any bytes. Every drawing it takes costs what a
// whole one costs, so a small input can't make it large.
func FuzzOmniglotZip(f *testing.F) {
	const member = "set/Greek/character01/0001_01.png"
	band := encoded(f, 105, 42)
	good := zipped(f, map[string][]byte{member: band})
	f.Add(good)
	f.Add(good[:len(good)-30])
	f.Add(zipped(f, map[string][]byte{member: huge(band)}))
	f.Add(zipped(f, map[string][]byte{member: band[:50], "../../character1/": nil}))
	f.Fuzz(func(t *testing.T, content []byte) {
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		drawings := zipDrawings("fuzz.zip", archive)
		set, err := readDrawings("fuzz.zip", drawings, false)
		if err != nil {
			return
		}
		datatest.Verify(t, set)
	})
}

// huge changes the header of a PNG so that it claims 16,384 × 16,384 pixels.
func huge(whole []byte) []byte {
	b := bytes.Clone(whole)
	copy(b[16:24], []byte{0, 0, 0x40, 0, 0, 0, 0x40, 0})
	sum := crc32.ChecksumIEEE(b[12:29])
	copy(b[29:33], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return b
}
