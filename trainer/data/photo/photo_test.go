package photo

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"testing"

	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/data/files"
)

// The middle square of every kind is read, whatever its size, with its colours.
func TestPhotosOfEveryKind(t *testing.T) {
	left, right := color.RGBA{200, 40, 90, 255}, color.RGBA{200, 220, 90, 255}
	for _, size := range [][2]int{{16, 16}, {33, 21}, {21, 33}, {2, 2}, {300, 1}} {
		for _, kind := range []string{"jpg", "png", "gif", "bmp", "webp"} {
			var content []byte
			if kind == "webp" {
				content = datatest.WebP(size[0], size[1], 200, 90, 40, 220)
			} else {
				content = datatest.Picture(t, kind, datatest.Halves(size[0], size[1], left, right))
			}
			const side = 8
			got := make([]uint8, 3*side*side)
			if _, err := Read(got, files.Content(content), Form{Height: side, Width: side}); err != nil {
				t.Errorf("%s of %v: %v", kind, size, err)
				continue
			}
			if size[1] == 1 { // one pixel of it, which is of the right half or the left
				continue
			}
			tolerance := map[string]float64{"jpg": 60, "gif": 26}[kind] // colours at half the resolution, and fewer of them
			for c, want := range [3][2]uint8{{200, 200}, {40, 220}, {90, 90}} {
				for half, x := range []int{0, side - 1} {
					if v := got[c*side*side+4*side+x]; math.Abs(float64(v)-float64(want[half])) > tolerance {
						t.Errorf("%s of %v, channel %d, half %d: %d, want %d", kind, size, c, half, v, want[half])
					}
				}
			}
		}
	}
}

func TestGrayAndTransparentPhotos(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 10, 20))
	draw.Draw(gray, gray.Rect, image.NewUniform(color.Gray{77}), image.Point{}, draw.Src)
	deep := image.NewNRGBA64(image.Rect(0, 0, 9, 9)) // all transparent
	for _, test := range []struct {
		content []byte
		want    uint8
	}{
		{datatest.Picture(t, "jpg", gray), 77}, {datatest.Picture(t, "png", gray), 77}, {datatest.Picture(t, "gif", gray), 77}, {datatest.Picture(t, "png", deep), 255},
	} {
		got := make([]uint8, 3*25)
		if _, err := Read(got, files.Content(test.content), Form{Height: 5, Width: 5}); err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if math.Abs(float64(v)-float64(test.want)) > 3 { // a GIF has few grays
				t.Errorf("value %d: %d, want %d", i, v, test.want)
				break
			}
		}
	}
}

func TestBrokenPhotos(t *testing.T) {
	whole := datatest.JPEG(t, 1)
	large := bytes.Clone(whole)
	// The frame's header says how large it is: height and width in 16 bits each.
	at := bytes.Index(large, []byte{0xff, 0xc0})
	large[at+5], large[at+7] = 0xff, 0xff
	for name, test := range map[string]struct {
		content []byte
		message string
	}{
		"empty":     {nil, "empty: fetch it again"},
		"a pointer": {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"), "git lfs pull"},
		"a page":    {[]byte("<!DOCTYPE html><html>404</html>"), "a web page in place of the image"},
		"text":      {[]byte("not an image"), "no image of a known kind"},
		"cut short": {whole[:len(whole)-40], "damaged or cut short"},
		"too large": {large, "pixels: want 1 to"},
	} {
		_, err := Read(make([]uint8, 3*16), files.Content(test.content), Form{Height: 4, Width: 4})
		datatest.Line(t, name, err, test.message)
	}
}

func FuzzPhoto(f *testing.F) {
	f.Add(datatest.JPEG(f, 1))
	f.Add(datatest.Picture(f, "png", datatest.Halves(5, 4, color.White, color.Black)))
	f.Add(datatest.Picture(f, "gif", datatest.Halves(5, 4, color.White, color.Black)))
	f.Add(datatest.Picture(f, "bmp", datatest.Halves(5, 4, color.White, color.Black)))
	f.Add(datatest.WebP(5, 4, 1, 2, 3, 4))
	f.Fuzz(func(_ *testing.T, content []byte) {
		if config, err := jpeg.DecodeConfig(bytes.NewReader(content)); err == nil && config.Width*config.Height > 1<<20 {
			return // allowed, and slow
		}
		_, _ = Read(make([]uint8, 3*16), files.Content(content), Form{Height: 4, Width: 4}) // must not panic
	})
}
