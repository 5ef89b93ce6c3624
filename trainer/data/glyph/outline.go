package glyph

import (
	"fmt"
	"image"
	"image/color"

	"crossbatch/trainer/data/augment"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// outline is a glyph's contour in em units: the origin lies on the baseline in the
// middle of the advance width, y grows downwards.
type outline []segment

type segment struct {
	op   sfnt.SegmentOp
	args [3]augment.Point
}

// outlineOf reads the glyph of r in face t. The outline is nil where the face has no
// glyph for r or a blank one. buf belongs to the calling goroutine.
func (t *typeface) outlineOf(buf *sfnt.Buffer, r rune) (outline, error) {
	glyph, err := t.font.GlyphIndex(buf, r)
	if err != nil && !t.mayBreak {
		return nil, fmt.Errorf("font %s: code point %U: %w", t.name, r, err)
	}
	if glyph == 0 || err != nil {
		return nil, nil
	}
	// A pixel per font unit: the coordinates come back unscaled and unrounded.
	ppem := fixed.Int26_6(t.font.UnitsPerEm())
	advance, err := t.font.GlyphAdvance(buf, glyph, ppem, font.HintingNone)
	if err != nil && t.mayBreak {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("font %s: code point %U: %w", t.name, r, err)
	}
	segments, err := t.font.LoadGlyph(buf, glyph, ppem, nil)
	if err != nil && t.mayBreak {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("font %s: code point %U: %w", t.name, r, err)
	}
	if len(segments) == 0 {
		return nil, nil
	}
	contour := make(outline, len(segments))
	for i, s := range segments {
		contour[i].op = s.Op
		for k, a := range s.Args {
			contour[i].args[k] = augment.Point{X: (float32(a.X) - float32(advance)/2) / t.em, Y: float32(a.Y) / t.em}
		}
	}
	return contour, nil
}

// outlineOfFirst reads the glyph of the first of runes that face t has.
func (t *typeface) outlineOfFirst(buf *sfnt.Buffer, runes []rune) (outline, error) {
	for _, r := range runes {
		if contour, err := t.outlineOf(buf, r); contour != nil || err != nil {
			return contour, err
		}
	}
	return nil, nil
}

// canvas draws outlines; its zero value is ready. It belongs to one goroutine.
type canvas struct{ raster vector.Rasterizer }

// draw stores the outline mapped by m in dst, glyphSide × glyphSide pixels, 255 inside
// and 0 outside.
func (c *canvas) draw(dst []uint8, contour outline, m augment.Affine) {
	clear(dst)
	c.raster.Reset(glyphSide, glyphSide)
	for _, s := range contour {
		p, q, r := m.Apply(s.args[0]), m.Apply(s.args[1]), m.Apply(s.args[2])
		switch s.op {
		case sfnt.SegmentOpMoveTo:
			c.raster.ClosePath()
			c.raster.MoveTo(p.X, p.Y)
		case sfnt.SegmentOpLineTo:
			c.raster.LineTo(p.X, p.Y)
		case sfnt.SegmentOpQuadTo:
			c.raster.QuadTo(p.X, p.Y, q.X, q.Y)
		case sfnt.SegmentOpCubeTo:
			c.raster.CubeTo(p.X, p.Y, q.X, q.Y, r.X, r.Y)
		}
	}
	c.raster.ClosePath()
	picture := image.Alpha{Pix: dst, Stride: glyphSide, Rect: image.Rect(0, 0, glyphSide, glyphSide)}
	c.raster.Draw(&picture, picture.Rect, image.NewUniform(color.Opaque), image.Point{})
}
