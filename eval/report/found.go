package report

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds of small pictures
	"image/png"
	"io"
)

// Found is a picture, as a file, and what is written under it.
type Found struct {
	Picture []byte // may be empty
	Text    string
}

// FoundRow is a query with what was found for it.
type FoundRow struct {
	Query []byte
	Found []Found
}

// FoundSheet writes a PNG with a row for each query: the query, then what was found.
func FoundSheet(w io.Writer, title string, rows []FoundRow) error {
	_, ink, plain, _, _ := colors()
	const left, top, high = margin + step + apart, margin + 2*line, step + line - gap
	columns := 0
	for _, r := range rows {
		columns = max(columns, len(r.Found))
	}
	sheet, err := newPaper(max(left+columns*step-gap+margin, 480), top+len(rows)*high+margin)
	if err != nil {
		return fmt.Errorf("report: sheet: %w", err)
	}
	sheet.write(margin, margin+line/2, ink, title)
	for i, r := range rows {
		y := top + i*high
		if err := sheet.file(margin, y, r.Query, true); err != nil {
			return err
		}
		for k, f := range r.Found {
			x := left + k*step
			if err := sheet.file(x, y, f.Picture, false); err != nil {
				return err
			}
			sheet.write(x+frame+8, y+step+line/2-gap, plain, f.Text)
		}
	}
	return png.Encode(w, sheet)
}

// file draws a picture that is given as a file, its corner at (x, y), whole.
func (p *paper) file(x, y int, content []byte, query bool) error {
	ground, _, plain, right, _ := colors()
	if !query {
		right = plain
	}
	square := image.NewRGBA(image.Rect(0, 0, 1, 1))
	square.Set(0, 0, ground)
	if len(content) == 0 {
		place(p, x, y, square, right)
		return nil
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("report: sheet: a small picture: %w", err)
	}
	place(p, x, y, whole(picture), right)
	return nil
}

// whole is a picture in the middle of a square of the ground.
func whole(picture image.Image) image.Image {
	b := picture.Bounds()
	if b.Dx() == b.Dy() {
		return picture
	}
	side := max(b.Dx(), b.Dy())
	ground, _, _, _, _ := colors()
	square := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		square.SetRGBA(i%side, i/side, ground)
	}
	left, top := (side-b.Dx())/2, (side-b.Dy())/2
	for y := range b.Dy() {
		for x := range b.Dx() {
			square.Set(left+x, top+y, picture.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return square
}
