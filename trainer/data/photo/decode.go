package photo

import (
	"bytes"
	"fmt"
	"image"

	"golang.org/x/image/draw"

	"crossbatch/trainer/data/files"
)

// Picture is a photograph that is decoded once and stored in several forms.
type Picture struct{ image image.Image }

// Decode decodes a photograph of at most mostPixels, 0 meaning as many as [Read] takes.
func Decode(content []byte, mostPixels int) (p Picture, err error) {
	defer func() {
		// Decoders of formats that are rarely seen have not been tried with all damage.
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: damaged", r)
		}
	}()
	if mostPixels == 0 || mostPixels > maxPhotoPixels {
		mostPixels = maxPhotoPixels
	}
	config, err := photoConfig(files.Content(content))
	if err != nil {
		return p, err
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostPixels/config.Height {
		return p, fmt.Errorf("%d×%d pixels: want 1 to %d in all", config.Width, config.Height, mostPixels)
	}
	if p.image, _, err = image.Decode(bytes.NewReader(content)); err != nil {
		return p, fmt.Errorf("%w: damaged or cut short", err)
	}
	return p, nil
}

// Store stores the picture as [Read] does.
func (p Picture) Store(dst []uint8, side int) {
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, small.Rect, p.image, middle(p.image.Bounds()), draw.Over, nil)
	area := side * side
	for k := range area {
		dst[k], dst[area+k], dst[2*area+k] = small.Pix[4*k], small.Pix[4*k+1], small.Pix[4*k+2]
	}
}

// StoreInk stores the picture as characters are stored: one channel of rows × columns, ink
// high. The whole picture is scaled, its proportions kept, to the middle. Which of dark and
// bright is the ink is told by its rim, which is paper.
func (p Picture) StoreInk(dst []uint8, rows, columns int) {
	b := p.image.Bounds()
	gray := image.NewGray(image.Rect(0, 0, columns, rows))
	long := max(float64(b.Dx())/float64(columns), float64(b.Dy())/float64(rows))
	wide, high := max(1, int(float64(b.Dx())/long+0.5)), max(1, int(float64(b.Dy())/long+0.5))
	left, top := (columns-wide)/2, (rows-high)/2
	to := image.Rect(left, top, left+wide, top+high)
	opaque := image.NewRGBA(to)
	draw.Draw(opaque, to, image.White, image.Point{}, draw.Src)
	if wide == b.Dx() && high == b.Dy() {
		draw.Draw(opaque, to, p.image, b.Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(opaque, to, p.image, b, draw.Over, nil)
	}
	draw.Draw(gray, to, opaque, to.Min, draw.Src)
	var rim, around int
	for y := to.Min.Y; y < to.Max.Y; y++ {
		for x := to.Min.X; x < to.Max.X; x++ {
			if x == to.Min.X || x == to.Max.X-1 || y == to.Min.Y || y == to.Max.Y-1 {
				rim, around = rim+int(gray.GrayAt(x, y).Y), around+1
			}
		}
	}
	bright := rim > 128*around
	clear(dst[:rows*columns])
	for y := to.Min.Y; y < to.Max.Y; y++ {
		for x := to.Min.X; x < to.Max.X; x++ {
			v := gray.GrayAt(x, y).Y
			if bright {
				v = 255 - v
			}
			dst[y*columns+x] = v
		}
	}
}

// Thumbnail is the whole picture with no side longer than most pixels, no larger than it is.
func (p Picture) Thumbnail(most int) *image.RGBA {
	b := p.image.Bounds()
	long := max(b.Dx(), b.Dy(), most)
	small := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()*most/long), max(1, b.Dy()*most/long)))
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Rect, p.image, b, draw.Over, nil)
	return small
}
