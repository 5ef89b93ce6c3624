package sets

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"crossbatch/trainer/data/files"

	"golang.org/x/image/draw"
)

const (
	drawnSide   = 105 // of a drawing as published
	drawingSide = 32  // of a drawing in the set
)

// read stores the drawing in dst, drawingSide × drawingSide, ink high.
func (d drawing) read(dst []uint8) error {
	encoded, err := d.bytes()
	if err != nil {
		return fmt.Errorf("drawing %q: %w: fetch it again", d.where, files.Bare(err))
	}
	// The header first: a small file can claim an image of gigabytes.
	header, err := png.DecodeConfig(bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("drawing %q: %w: not a whole PNG, fetch it again", d.where, err)
	}
	if header.Width != drawnSide || header.Height != drawnSide {
		return fmt.Errorf("drawing %q: %d×%d pixels, not %d×%d: not one of Omniglot's, move it away",
			d.where, header.Width, header.Height, drawnSide, drawnSide)
	}
	drawn, err := png.Decode(bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("drawing %q: %w: not a whole PNG, fetch it again", d.where, err)
	}
	shrunk := image.Gray{Pix: dst, Stride: drawingSide, Rect: image.Rect(0, 0, drawingSide, drawingSide)}
	inked := inkOf(drawn)
	// The kernel is stretched to the ratio of the sizes, so that thin strokes turn grey
	// instead of vanishing.
	draw.CatmullRom.Scale(&shrunk, shrunk.Rect, inked, inked.Rect, draw.Src, nil)
	return nil
}

func (d drawing) bytes() ([]byte, error) {
	file, err := d.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	encoded, err := io.ReadAll(io.LimitReader(file, maxDrawingBytes+1))
	if err == nil && len(encoded) > maxDrawingBytes {
		err = fmt.Errorf("larger than %d bytes", maxDrawingBytes)
	}
	return encoded, err
}

// inkOf turns black on white into 255 on 0.
func inkOf(drawn image.Image) *image.Gray {
	bounds := drawn.Bounds()
	inked := image.NewGray(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	if gray, ok := drawn.(*image.Gray); ok {
		for i, v := range gray.Pix {
			inked.Pix[i] = 255 - v
		}
		return inked
	}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			paper := color.GrayModel.Convert(drawn.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.Gray)
			inked.Pix[y*inked.Stride+x] = 255 - paper.Y
		}
	}
	return inked
}
