package glyph

import (
	"testing"

	"crossbatch/trainer/data/augment"

	"golang.org/x/image/font/sfnt"
)

// square is an em square standing on the baseline.
func square() outline {
	line := func(x, y float32) segment {
		return segment{op: sfnt.SegmentOpLineTo, args: [3]augment.Point{{X: x, Y: y}}}
	}
	start := line(-0.5, 0)
	start.op = sfnt.SegmentOpMoveTo
	return outline{start, line(0.5, 0), line(0.5, -1), line(-0.5, -1)}
}

func TestDrawPlacesTheSquare(t *testing.T) {
	pixels := make([]uint8, glyphArea)
	pixels[0] = 9 // draw overwrites
	new(canvas).draw(pixels, square(), augment.Affine{XX: 10, YY: 10, DX: 16, DY: 20})
	for i, v := range pixels {
		x, y := i%glyphSide, i/glyphSide
		inside := x >= 11 && x < 21 && y >= 10 && y < 20
		if inside != (v == 255) || !inside != (v == 0) {
			t.Fatalf("pixel %d, %d is %d", x, y, v)
		}
	}
}

// An L has its foot at the lower right: mirrored or upside down it would not.
func TestGlyphsStandUpright(t *testing.T) {
	faces, err := parseFaces(goFaces()[:1])
	if err != nil {
		t.Fatal(err)
	}
	contour, err := faces[0].outlineOf(new(sfnt.Buffer), 'L')
	if err != nil {
		t.Fatal(err)
	}
	pixels := make([]uint8, glyphArea)
	new(canvas).draw(pixels, contour, upright())
	quarter := func(x0, y0 int) (sum int) {
		for y := y0; y < y0+12; y++ {
			sum += ink(pixels[y*glyphSide+x0:][:16])
		}
		return sum
	}
	const top, foot = 5, 17
	if right := quarter(16, foot); right <= 2*quarter(16, top) {
		t.Errorf("L: ink %d at the lower right, %d above it", right, quarter(16, top))
	}
	if left := quarter(0, top); left <= quarter(16, top) {
		t.Errorf("L: ink %d at the upper left, %d right of it", left, quarter(16, top))
	}
}

func TestOutlineOfMissingGlyph(t *testing.T) {
	faces, err := parseFaces(goFaces()[:1])
	if err != nil {
		t.Fatal(err)
	}
	var buf sfnt.Buffer
	for _, r := range []rune{'漢', ' '} {
		if contour, err := faces[0].outlineOf(&buf, r); contour != nil || err != nil {
			t.Errorf("%U: %d segments, %v", r, len(contour), err)
		}
	}
	contour, err := faces[0].outlineOfFirst(&buf, []rune{'漢', 'A'})
	if len(contour) == 0 || err != nil {
		t.Errorf("the second code point is there: %v", err)
	}
}

func BenchmarkDraw(b *testing.B) {
	faces, err := parseFaces(goFaces()[:1])
	if err != nil {
		b.Fatal(err)
	}
	var (
		buf    sfnt.Buffer
		brush  canvas
		pixels [glyphArea]uint8
	)
	for b.Loop() {
		contour, err := faces[0].outlineOf(&buf, 'g')
		if err != nil {
			b.Fatal(err)
		}
		brush.draw(pixels[:], contour, upright())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
