// Package photo decodes photographs to the pixels that a set holds, and keeps them, decoded, in
// memory or in a file.
package photo

import (
	"bufio"
	"fmt"
	"image"
	_ "image/gif"  // decoders of the kinds of photographs
	_ "image/jpeg" // "
	_ "image/png"  // "
	"io"

	_ "golang.org/x/image/bmp" // "
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // "

	"crossbatch/trainer/data/files"
)

// maxPhotoPixels bounds a photograph: what a header claims is not yet there.
const maxPhotoPixels = 1 << 26

// Read stores a photograph as side × side pixels, red, green and blue apart: its
// shorter side scaled to that, and the middle of the longer. What is transparent is white.
// Unlike the field's loaders, which crop at random from the whole of an image that is not a
// square, what is beyond the middle square is gone.
func Read(dst []uint8, file files.File, side int) (err error) {
	defer func() {
		// Decoders of formats that are rarely seen have not been tried with all damage.
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: damaged", r)
		}
	}()
	config, err := photoConfig(file)
	if err != nil {
		return err
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPhotoPixels/config.Height {
		return fmt.Errorf("%d×%d pixels: want 1 to %d in all", config.Width, config.Height, maxPhotoPixels)
	}
	r, err := file.Open()
	if err != nil {
		return files.Bare(err)
	}
	defer func() { _ = r.Close() }() // it was only read
	picture, _, err := image.Decode(bufio.NewReader(r))
	if err != nil {
		return fmt.Errorf("%w: damaged or cut short", err)
	}
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, small.Rect, picture, middle(picture.Bounds()), draw.Over, nil)
	area := side * side
	for k := range area {
		dst[k], dst[area+k], dst[2*area+k] = small.Pix[4*k], small.Pix[4*k+1], small.Pix[4*k+2]
	}
	return nil
}

func photoConfig(file files.File) (image.Config, error) {
	r, err := file.Open()
	if err != nil {
		return image.Config{}, files.Bare(err)
	}
	defer func() { _ = r.Close() }() // it was only read
	config, _, err := image.DecodeConfig(io.LimitReader(r, 1<<20))
	if err != nil {
		return config, fmt.Errorf("%w: no image of a known kind, or damaged", err)
	}
	return config, nil
}

// middle is the largest square in the middle of r.
func middle(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	left, top := r.Min.X+(r.Dx()-side)/2, r.Min.Y+(r.Dy()-side)/2
	return image.Rect(left, top, left+side, top+side)
}
