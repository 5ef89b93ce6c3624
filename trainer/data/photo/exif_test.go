package photo

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/data/files"
)

// corners is a picture that is another in each of the eight orientations.
func corners(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{220, 40, 40, 255}
			switch {
			case x >= width/2 && y < height/2:
				c = color.RGBA{40, 220, 40, 255}
			case x < width/2 && y >= height/2:
				c = color.RGBA{40, 40, 220, 255}
			case y >= height/2:
				c = color.RGBA{220, 220, 220, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// laid is how a camera stores an upright picture: EXIF's words for where the first row and the
// first column of what is stored are seen.
func laid(upright *image.RGBA, orientation int) *image.RGBA {
	width, height := upright.Rect.Dx(), upright.Rect.Dy()
	stored := image.NewRGBA(image.Rect(0, 0, width, height))
	if orientation >= 5 {
		stored = image.NewRGBA(image.Rect(0, 0, height, width))
	}
	for row := range stored.Rect.Dy() {
		for column := range stored.Rect.Dx() {
			var x, y int
			switch orientation {
			case 1: // row 0 is the top, column 0 the left
				x, y = column, row
			case 2: // top, right
				x, y = width-1-column, row
			case 3: // bottom, right
				x, y = width-1-column, height-1-row
			case 4: // bottom, left
				x, y = column, height-1-row
			case 5: // left, top
				x, y = row, column
			case 6: // right, top
				x, y = width-1-row, column
			case 7: // right, bottom
				x, y = width-1-row, height-1-column
			case 8: // left, bottom
				x, y = row, height-1-column
			}
			stored.SetRGBA(column, row, upright.RGBAAt(x, y))
		}
	}
	return stored
}

// Every kind of file in every orientation is seen as the upright picture, of even and odd sizes,
// cropped, squeezed and padded.
func TestOrientations(t *testing.T) {
	for _, size := range [][2]int{{40, 24}, {24, 40}, {33, 33}, {37, 22}} {
		upright := corners(size[0], size[1])
		for _, form := range []Form{{Height: 12, Width: 12}, {Height: 16, Width: 8}, {Height: 16, Width: 8, Resize: "squeeze"}, {Height: 16, Width: 8, Resize: "pad"}} {
			values := 3 * form.Rows() * form.Columns()
			for orientation := 1; orientation <= 8; orientation++ {
				stored := laid(upright, orientation)
				little, big := datatest.Exif(binary.LittleEndian, uint16(orientation)), datatest.Exif(binary.BigEndian, uint16(orientation))
				png := datatest.Picture(t, "png", stored)
				for kind, content := range map[string][]byte{
					"png": datatest.ExifPNG(png, little), "tiff": datatest.TIFF(stored, binary.BigEndian, uint16(orientation)),
					"tiff, Intel": datatest.TIFF(stored, binary.LittleEndian, uint16(orientation)),
					"jpg":         datatest.ExifJPEG(datatest.Picture(t, "jpg", stored), big),
				} {
					like := datatest.Picture(t, "png", upright)
					tolerance := 0.0
					if kind == "jpg" {
						like, tolerance = datatest.Picture(t, "jpg", upright), 60 // colours at half the resolution
					}
					want, got := make([]uint8, values), make([]uint8, values)
					lost, err := Read(want, files.Content(like), form)
					if err != nil {
						t.Fatal(err)
					}
					lostToo, err := Read(got, files.Content(content), form)
					if err != nil || lost != lostToo {
						t.Fatalf("%s, orientation %d: %v; lost %g, %g", kind, orientation, err, lost, lostToo)
					}
					for k := range got {
						if math.Abs(float64(got[k])-float64(want[k])) > tolerance {
							t.Errorf("%s of %v in %+v, orientation %d: value %d is %d, want %d", kind, size, form, orientation, k, got[k], want[k])
							break
						}
					}
				}
			}
		}
	}
}

func TestOrientationOfWebP(t *testing.T) {
	plain := datatest.WebP(8, 6, 10, 20, 30, 200)
	left, right := make([]uint8, 3*16), make([]uint8, 3*16)
	form := Form{Height: 4, Width: 4}
	if _, err := Read(left, files.Content(plain), form); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(right, files.Content(datatest.ExifWebP(plain, datatest.Exif(binary.LittleEndian, 2), 8, 6)), form); err != nil {
		t.Fatal(err)
	}
	for row := range slices.Chunk(right, 4) {
		slices.Reverse(row)
	}
	if !slices.Equal(left, right) || left[16] != 30 || left[19] != 200 {
		t.Errorf("%v and mirrored %v", left, right)
	}
}

// What makes no sense is upright.
func TestOrientationsThatAreNone(t *testing.T) {
	good := datatest.Exif(binary.LittleEndian, 6)
	for n := range len(good) - 7 { // the value is in the last bytes but the end of the list
		if got := tiffOrientation(good[:n]); got != upright {
			t.Errorf("%d bytes: %d", n, got)
		}
	}
	for _, wrong := range []uint16{0, 9, 255} {
		if got := tiffOrientation(datatest.Exif(binary.BigEndian, wrong)); got != upright {
			t.Errorf("orientation %d: %d", wrong, got)
		}
	}
	if got := tiffOrientation(good); got != 6 {
		t.Errorf("orientation 6: %d", got)
	}
}

func FuzzOrientation(f *testing.F) {
	m := corners(8, 6)
	exif := datatest.Exif(binary.BigEndian, 6)
	f.Add(datatest.ExifJPEG(datatest.Picture(f, "jpg", m), exif))
	f.Add(datatest.ExifPNG(datatest.Picture(f, "png", m), exif))
	f.Add(datatest.TIFF(m, binary.LittleEndian, 3))
	f.Add(datatest.ExifWebP(datatest.WebP(8, 6, 1, 2, 3, 4), exif, 8, 6))
	f.Fuzz(func(t *testing.T, content []byte) {
		kind := KindOf(content[:min(HeadSize, len(content))])
		if kind.orient == nil {
			return
		}
		if o := kind.orient(content); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
