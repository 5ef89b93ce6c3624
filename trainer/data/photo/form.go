package photo

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	"crossbatch/trainer/data"
)

// padding is the mean of ImageNet.
var padding = color.RGBA{124, 116, 104, 255}

// Form says how photographs are stored: Height × Width pixels of the network's input, with a
// Margin of further pixels on each side for augmentation to crop from. Resize is one of
// data.Resizes; "": data.ResizeCrop.
type Form struct {
	Height, Width, Margin int
	Resize                string
}

// Validate returns an error if Resize is unknown.
func (f Form) Validate() error {
	if f.Resize != "" && !slices.Contains(data.Resizes(), f.Resize) {
		return fmt.Errorf("resize is %q: give one of %s", f.Resize, strings.Join(data.Resizes(), ", "))
	}
	return nil
}

// Rows returns the number of stored rows: Height + 2·Margin.
func (f Form) Rows() int { return f.Height + 2*f.Margin }

// Columns returns the number of stored columns: Width + 2·Margin.
func (f Form) Columns() int { return f.Width + 2*f.Margin }

// place says which part of a picture is seen, and where in what is stored.
func (f Form) place(width, height int) (from, to image.Rectangle) {
	from, to = image.Rect(0, 0, width, height), image.Rect(0, 0, f.Columns(), f.Rows())
	switch f.Resize {
	case data.ResizeSqueeze:
		return from, to
	case data.ResizePad:
		factor := min(float64(to.Dx())/float64(width), float64(to.Dy())/float64(height))
		fit := func(n, most int) int { return min(max(int(math.Round(factor*float64(n))), 1), most) }
		return from, middle(to, fit(width, to.Dx()), fit(height, to.Dy()))
	}
	// The largest part of the shape, rounded down.
	return middle(from, max(1, min(width, height*to.Dx()/to.Dy())), max(1, min(height, width*to.Dy()/to.Dx()))), to
}

// middle is the part in the middle of r that is so wide and high.
func middle(r image.Rectangle, width, height int) image.Rectangle {
	left, top := r.Min.X+(r.Dx()-width)/2, r.Min.Y+(r.Dy()-height)/2
	return image.Rect(left, top, left+width, top+height)
}
