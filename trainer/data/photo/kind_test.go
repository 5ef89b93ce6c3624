package photo

import (
	"image/color"
	"math"
	"os"
	"testing"

	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/data/files"
)

// Colours of lossy WebP are those of the pictures that they were made of. Black was 16 and white
// 235 (https://go.dev/issue/40173); if the library mends that, this fails, and stretch goes.
func TestLossyWebP(t *testing.T) {
	for name, want := range map[string][3]uint8{
		"w0": {200, 40, 90}, "w1": {10, 10, 10}, "w2": {245, 245, 245}, "w3": {0, 0, 0}, "w4": {255, 255, 255},
		"w5": {30, 160, 60}, "w6": {20, 60, 230}, "w7": {255, 255, 0},
	} {
		content, err := os.ReadFile("testdata/lossy-" + name + ".webp")
		if err != nil {
			t.Fatal(err)
		}
		got := make([]uint8, 3*16)
		if _, err := Read(got, files.Content(content), Form{Height: 4, Width: 4}); err != nil {
			t.Fatal(err)
		}
		for k, v := range got {
			if math.Abs(float64(v)-float64(want[k/16])) > 3 {
				t.Errorf("%s: value %d is %d, want %d", name, k, v, want[k/16])
			}
		}
	}
}

func TestKindOf(t *testing.T) {
	picture := datatest.Halves(4, 4, color.White, color.Black)
	avif, err := os.ReadFile("testdata/small.avif")
	if err != nil {
		t.Fatal(err)
	}
	animated := []byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x01\x00\x00ANIM")
	for _, test := range []struct {
		content []byte
		name    string
		isRead  bool
	}{
		{datatest.Picture(t, "jpg", picture), "JPEG", true}, {datatest.Picture(t, "png", picture), "PNG", true}, {datatest.Picture(t, "gif", picture), "GIF", true},
		{datatest.Picture(t, "bmp", picture), "BMP", true}, {datatest.WebP(4, 4, 1, 2, 3, 4), "WebP", true},
		{avif, "AVIF", false}, {animated, "animated WebP", false}, {[]byte("\x00\x00\x00\x18ftypheic\x00\x00"), "HEIC", false},
		{[]byte("\xff\x0a rest"), "JPEG XL", false}, {[]byte("II+\x00\x08\x00"), "BigTIFF", false}, {[]byte("8BPS\x00\x01"), "Photoshop", false},
		{[]byte("P6\n4 4\n255\n"), "PNM", false}, {[]byte("<svg xmlns="), "SVG", false}, {[]byte("%PDF-1.7"), "PDF", false},
		{nil, "", false}, {[]byte("B"), "", false}, {[]byte("BMW and other makes of cars"), "", false}, {[]byte("RIFF\x00\x00\x00\x00WAVE"), "", false}, {[]byte("\x00\x00\x00\x18ftypmp42"), "", false},
	} {
		kind := KindOf(test.content[:min(HeadSize, len(test.content))])
		if kind.Name != test.name || kind.IsRead() != test.isRead {
			t.Errorf("%.12q: %q, read %v; want %q, %v", test.content, kind.Name, kind.IsRead(), test.name, test.isRead)
		}
		if kind.IsImage() && !kind.IsRead() {
			_, err := Read(make([]uint8, 3*16), files.Content(test.content), Form{Height: 4, Width: 4})
			datatest.Line(t, test.name, err, test.name+", which is not read: convert it to JPEG or PNG")
		}
	}
}

// Numbers that a decoder of an exact kind must give back, by the form.
func TestForms(t *testing.T) {
	red, blue := color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}
	content := datatest.Picture(t, "png", datatest.Halves(32, 8, red, blue)) // left and right
	for _, test := range []struct {
		form       Form
		lost       float64
		row        int    // of the red channel
		reds       string // of it: r, its half, background of bars, nothing
		background uint8
	}{
		{Form{Height: 8, Width: 8}, 0.75, 4, "rrrr....", 0},
		{Form{Height: 8, Width: 8, Resize: "squeeze"}, 0, 4, "rrrr....", 0},
		{Form{Height: 4, Width: 16, Resize: "squeeze"}, 0, 2, "rrrrrrrr........", 0},
		{Form{Height: 16, Width: 16, Resize: "pad"}, 0, 2, "bbbbbbbbbbbbbbbb", 124},
		{Form{Height: 16, Width: 16, Resize: "pad"}, 0, 8, "rrrrrrrr........", 0},
		{Form{Height: 4, Width: 16}, 0, 2, "rrrrrrrr........", 0},
		{Form{Height: 4, Width: 4, Margin: 1}, 0.75, 2, "rrr...", 0},
	} {
		got := make([]uint8, 3*test.form.Rows()*test.form.Columns())
		lost, err := Read(got, files.Content(content), test.form)
		if err != nil || math.Abs(lost-test.lost) > 1e-9 {
			t.Errorf("%+v: lost %g, want %g (%v)", test.form, lost, test.lost, err)
		}
		row := got[test.row*test.form.Columns():][:test.form.Columns()]
		for x, want := range test.reds {
			// Beside the border between the halves is some of both.
			border := x > 0 && test.reds[x-1] != byte(want) || x+1 < len(row) && test.reds[x+1] != byte(want)
			value := map[rune]uint8{'r': 200, 'b': test.background}[want]
			if row[x] != value && !border {
				t.Errorf("%+v: row %v, want %s", test.form, row, test.reds)
				break
			}
		}
	}
	if err := (Form{Resize: "zoom"}).Validate(); err == nil {
		t.Error("an unknown way to resize")
	}
}
