package report

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	xdraw "golang.org/x/image/draw"
)

// Retrieval is one query with its neighbours, nearest first.
type Retrieval struct {
	Query     image.Image
	Neighbors []image.Image
	Right     []bool // whether each neighbour is of the query's class
}

// The sheet's measures, in pixels.
const (
	cell   = 64 // an image
	frame  = 4  // around it
	gap    = 6  // between cells
	apart  = 22 // between the query and its neighbours
	margin = 24
	line   = 26 // of text
)

// Blue and orange are told apart by nearly everyone; wrong neighbours bear a
// cross besides.
func colors() (paper, ink, plain, right, wrong color.RGBA) {
	return color.RGBA{250, 250, 248, 255}, color.RGBA{40, 40, 44, 255}, color.RGBA{150, 150, 155, 255},
		color.RGBA{31, 111, 191, 255}, color.RGBA{226, 108, 12, 255}
}

// Sheet writes a PNG with a row for each retrieval: the query, then its
// neighbours, those of its class framed in blue, others in orange with a cross.
func Sheet(w io.Writer, title string, rows []Retrieval) error {
	paper, ink, plain, right, wrong := colors()
	columns := 0
	for i, r := range rows {
		if len(r.Right) != len(r.Neighbors) {
			return fmt.Errorf("report: sheet: row %d has %d neighbours and %d marks", i, len(r.Neighbors), len(r.Right))
		}
		columns = max(columns, len(r.Neighbors))
	}
	const step = cell + 2*frame + gap
	left := margin + step + apart
	top := margin + 2*line
	size := image.Pt(max(left+columns*step-gap+margin, 560), top+len(rows)*step+line+margin)
	sheet := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)

	face, err := textFace()
	if err != nil {
		return fmt.Errorf("report: sheet: %w", err)
	}
	write := func(x, y int, c color.Color, text string) {
		d := font.Drawer{Dst: sheet, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
		d.DrawString(text)
	}
	write(margin, margin+line/2, ink, title)
	write(margin, top-gap, plain, "query")
	write(left, top-gap, plain, "nearest neighbours, nearest first")
	for i, r := range rows {
		y := top + i*step
		place(sheet, margin, y, r.Query, plain)
		for k, neighbor := range r.Neighbors {
			x := left + k*step
			if r.Right[k] {
				place(sheet, x, y, neighbor, right)
				continue
			}
			place(sheet, x, y, neighbor, wrong)
			cross(sheet, x+frame+cell-15, y+frame+3, wrong)
		}
	}
	y := top + len(rows)*step + line/2 + gap
	write(margin, y, right, "same class")
	write(margin+110, y, wrong, "× another class")
	return png.Encode(w, sheet)
}

// place draws a picture in a frame whose corner is at (x, y).
func place(sheet draw.Image, x, y int, picture image.Image, c color.Color) {
	outer := image.Rect(x, y, x+cell+2*frame, y+cell+2*frame)
	draw.Draw(sheet, outer, image.NewUniform(c), image.Point{}, draw.Src)
	inner := outer.Inset(frame)
	scaler := xdraw.Scaler(xdraw.CatmullRom)
	if b := picture.Bounds(); cell%b.Dx() == 0 && cell%b.Dy() == 0 {
		scaler = xdraw.NearestNeighbor
	}
	scaler.Scale(sheet, inner, picture, picture.Bounds(), draw.Src, nil)
}

// cross draws × on a light ground, 12 pixels wide.
func cross(sheet draw.Image, x, y int, c color.Color) {
	const width = 12
	draw.Draw(sheet, image.Rect(x, y, x+width, y+width), image.White, image.Point{}, draw.Src)
	for k := 2; k < width-2; k++ {
		for d := range 2 {
			sheet.Set(x+k, y+min(k+d, width-3), c)
			sheet.Set(x+k, y+max(width-1-k-d, 2), c)
		}
	}
}

func textFace() (font.Face, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: 15, DPI: 72, Hinting: font.HintingFull})
}
