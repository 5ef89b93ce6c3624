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
	Note      string // beside the row; [Sheet] has no room for it
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

// step is from one image to the next.
const step = cell + 2*frame + gap

// Sheet writes a PNG with a row for each retrieval: the query, then its
// neighbours, those of its class framed in blue, others in orange with a cross.
func Sheet(w io.Writer, title string, rows []Retrieval) error {
	_, ink, plain, _, _ := colors()
	columns, err := widest(rows)
	if err != nil {
		return fmt.Errorf("report: sheet: %w", err)
	}
	const left, top = margin + step + apart, margin + 2*line
	sheet, err := newPaper(max(left+columns*step-gap+margin, 560), top+len(rows)*step+line+margin)
	if err != nil {
		return fmt.Errorf("report: sheet: %w", err)
	}
	sheet.write(margin, margin+line/2, ink, title)
	sheet.write(margin, top-gap, plain, "query")
	sheet.write(left, top-gap, plain, "nearest neighbours, nearest first")
	for i, r := range rows {
		sheet.row(margin, top+i*step, r)
	}
	sheet.legend(margin, top+len(rows)*step+line/2+gap)
	return png.Encode(w, sheet)
}

// widest is the largest number of neighbours in a row.
func widest(rows []Retrieval) (int, error) {
	columns := 0
	for i, r := range rows {
		if len(r.Right) != len(r.Neighbors) {
			return 0, fmt.Errorf("row %d has %d neighbours and %d marks", i, len(r.Neighbors), len(r.Right))
		}
		columns = max(columns, len(r.Neighbors))
	}
	return columns, nil
}

// paper is a picture with a pen.
type paper struct {
	*image.RGBA
	face font.Face
}

func newPaper(width, height int) (*paper, error) {
	ground, _, _, _, _ := colors()
	p := &paper{RGBA: image.NewRGBA(image.Rect(0, 0, width, height))}
	draw.Draw(p, p.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	var err error
	p.face, err = textFace()
	return p, err
}

// write writes text from (x, y) on, the foot of its first letter.
func (p *paper) write(x, y int, c color.Color, text string) {
	d := font.Drawer{Dst: p, Src: image.NewUniform(c), Face: p.face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// row draws a query and its neighbours, the corner at (x, y), and returns where it
// ends.
func (p *paper) row(x, y int, r Retrieval) int {
	_, _, plain, right, wrong := colors()
	place(p, x, y, r.Query, plain)
	x += step + apart
	for k, neighbor := range r.Neighbors {
		if r.Right[k] {
			place(p, x, y, neighbor, right)
		} else {
			place(p, x, y, neighbor, wrong)
			cross(p, x+frame+cell-15, y+frame+3, wrong)
		}
		x += step
	}
	return x
}

func (p *paper) legend(x, y int) {
	_, _, _, right, wrong := colors()
	p.write(x, y, right, "same class")
	p.write(x+110, y, wrong, "× another class")
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
