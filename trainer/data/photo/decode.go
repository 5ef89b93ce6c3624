package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"crossbatch/trainer/data"
)

// Picture is a decoded photograph, to be stored in several forms.
type Picture struct {
	image       image.Image
	orientation int
}

// Decode decodes the content of a file. A photograph of more than mostPixels pixels is an
// error; 0: the limit of [Read].
func Decode(content []byte, mostPixels int) (p Picture, err error) {
	defer damaged(&err)
	if mostPixels == 0 || mostPixels > maxPixels {
		mostPixels = maxPixels
	}
	kind := KindOf(content[:min(HeadSize, len(content))])
	if kind.IsImage() && !kind.IsRead() {
		return p, NotRead{kind.Name}
	}
	if !kind.IsRead() {
		return p, errors.New(instead(content))
	}
	config, err := kind.config(bytes.NewReader(content))
	if err != nil {
		return p, decodeError(kind, err, "no image of a known kind, or damaged")
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostPixels/config.Height {
		return p, fmt.Errorf("%d×%d pixels: want 1 to %d in all", config.Width, config.Height, mostPixels)
	}
	if p.image, err = kind.decode(bytes.NewReader(content)); err != nil {
		return p, decodeError(kind, err, "damaged or cut short")
	}
	p.orientation = upright
	if kind.orient != nil {
		p.orientation = kind.orient(content)
	}
	return p, nil
}

// damaged makes an error of a panic: decoders of formats that are rarely seen have not been
// tried with all damage.
func damaged(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%v: damaged", r)
	}
}

// Size returns the size of the upright picture, in pixels.
func (p Picture) Size() (width, height int) {
	b := p.image.Bounds()
	if isTurned(p.orientation) {
		return b.Dy(), b.Dx()
	}
	return b.Dx(), b.Dy()
}

// Store stores the picture in dst as [Read] does.
func (p Picture) Store(dst []uint8, form Form) (lost float64, err error) {
	defer damaged(&err)
	small, lost := form.shrink(p.image, p.orientation)
	area := form.Rows() * form.Columns()
	for k := range area {
		dst[k], dst[area+k], dst[2*area+k] = small.Pix[4*k], small.Pix[4*k+1], small.Pix[4*k+2]
	}
	return lost, nil
}

// StoreInk stores the picture in dst like a character: one channel of rows × columns, with 255
// for ink. The whole picture is scaled with its proportions kept, and centred. The rim of the
// picture is taken for paper: it decides whether the ink is dark or bright.
func (p Picture) StoreInk(dst []uint8, rows, columns int) (err error) {
	defer damaged(&err)
	width, height := p.Size()
	factor := min(float64(columns)/float64(width), float64(rows)/float64(height))
	fit := func(n, most int) int { return min(max(int(factor*float64(n)+0.5), 1), most) }
	small := p.shrunk(fit(width, columns), fit(height, rows))
	wide, high := small.Rect.Dx(), small.Rect.Dy()
	gray := image.NewGray(small.Rect)
	rim, around := 0, 0
	for y := range high {
		for x := range wide {
			gray.Set(x, y, small.RGBAAt(x, y))
			if x == 0 || y == 0 || x == wide-1 || y == high-1 {
				rim, around = rim+int(gray.GrayAt(x, y).Y), around+1
			}
		}
	}
	clear(dst[:rows*columns])
	left, top := (columns-wide)/2, (rows-high)/2
	for y := range high {
		for x := range wide {
			v := gray.GrayAt(x, y).Y
			if rim > 127*around {
				v = 255 - v
			}
			dst[(top+y)*columns+left+x] = v
		}
	}
	return nil
}

// Thumbnail returns the whole picture scaled down so that no side is longer than most pixels.
// A smaller picture keeps its size.
func (p Picture) Thumbnail(most int) (small *image.RGBA, err error) {
	defer damaged(&err)
	width, height := p.Size()
	long := max(width, height, most)
	return p.shrunk(max(1, width*most/long), max(1, height*most/long)), nil
}

// shrunk is the whole picture, upright.
func (p Picture) shrunk(width, height int) *image.RGBA {
	small, _ := Form{Height: height, Width: width, Resize: data.ResizeSqueeze}.shrink(p.image, p.orientation)
	return small
}
