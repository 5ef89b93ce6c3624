package sets

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"testing"

	"crossbatch/trainer/data/datatest"
)

func drawingOf(content []byte) drawing {
	return drawing{where: "a.png", open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// A band of rows 42 … 62 of 105 is rows 12.8 … 19.2 of 32.
func TestDrawingIsShrunkAndInverted(t *testing.T) {
	paletted := encoded(t, 105, 42)
	decoded, err := png.Decode(bytes.NewReader(paletted))
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(decoded.Bounds())
	for y := range 105 {
		for x := range 105 {
			gray.Set(x, y, decoded.At(x, y))
		}
	}
	var asGray bytes.Buffer
	if err := png.Encode(&asGray, gray); err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{paletted, asGray.Bytes()} {
		pixels := make([]uint8, drawingSide*drawingSide)
		if err := drawingOf(content).read(pixels); err != nil {
			t.Fatal(err)
		}
		for i, v := range pixels {
			row := i / drawingSide
			switch {
			case row < 11 || row > 20:
				// The kernel's negative lobe is cut at 0.
				if v > 2 {
					t.Fatalf("row %d: %d, want background", row, v)
				}
			case row > 13 && row < 18 && v < 250:
				t.Fatalf("row %d: %d, want ink", row, v)
			}
		}
		if total := inked(pixels); total < 6*32*255 || total > 7*32*255 {
			t.Errorf("ink %d, want about 6.4 rows of %d", total, 32*255)
		}
	}
}

func TestInkOf(t *testing.T) {
	paper := image.NewNRGBA(image.Rect(3, 4, 5, 5))
	paper.Set(3, 4, color.Black)
	paper.Set(4, 4, color.White)
	if got := inkOf(paper); got.Pix[0] != 255 || got.Pix[1] != 0 || got.Rect.Min != (image.Point{}) {
		t.Errorf("ink %v in %v", got.Pix, got.Rect)
	}
}

func TestHugeHeaderIsRefusedUnread(t *testing.T) {
	err := drawingOf(huge(encoded(t, 105, 42))).read(make([]uint8, drawingSide*drawingSide))
	datatest.Line(t, "huge", err, "a.png", "16384×16384", "not 105×105")
}

func inked(pixels []uint8) (sum int) {
	for _, v := range pixels {
		sum += int(v)
	}
	return sum
}
