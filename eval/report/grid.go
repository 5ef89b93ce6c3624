package report

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// Line is a row of a grid: pictures with a name before them.
type Line struct {
	Name     string
	Pictures []image.Image
}

// nameWidth is the room for a name, in pixels; longer ones are cut.
const nameWidth = 150

// Grid writes a PNG with a row for each line: its name, then its pictures.
func Grid(w io.Writer, title, subtitle string, lines []Line) error {
	paper, ink, plain, _, _ := colors()
	columns := 0
	for _, l := range lines {
		columns = max(columns, len(l.Pictures))
	}
	const step = cell + 2*frame + gap
	left, top := margin+nameWidth+gap, margin+2*line
	sheet := image.NewRGBA(image.Rect(0, 0, max(left+columns*step-gap+margin, 560), top+len(lines)*step+margin))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	face, err := textFace()
	if err != nil {
		return fmt.Errorf("report: grid: %w", err)
	}
	write := func(x, y int, c color.Color, text string, width int) {
		d := font.Drawer{Dst: sheet, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
		d.DrawString(cut(face, text, width))
	}
	wide := sheet.Bounds().Dx() - 2*margin
	write(margin, margin+line/2, ink, title, wide)
	write(margin, margin+line/2+line-4, plain, subtitle, wide)
	for i, l := range lines {
		y := top + i*step
		write(margin, y+frame+cell/2+5, ink, l.Name, nameWidth)
		for k, picture := range l.Pictures {
			place(sheet, left+k*step, y, picture, plain)
		}
	}
	return png.Encode(w, sheet)
}

// cut shortens a text to a width.
func cut(face font.Face, text string, width int) string {
	runes := []rune(text)
	for n := len(runes); n > 0; n-- {
		short := string(runes[:n])
		if n < len(runes) {
			short += "…"
		}
		if font.MeasureString(face, short).Ceil() <= width {
			return short
		}
	}
	return ""
}
