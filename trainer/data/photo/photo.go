// Package photo decodes photographs to the pixels of a set, and caches the decoded pixels in
// memory or in a file. The format of a photograph is recognised by its content. It is rotated
// as its EXIF orientation says.
package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"

	"crossbatch/trainer/data/files"
)

// Bounds of a photograph: what a header claims is not yet there.
const (
	maxPixels = 1 << 26
	maxBytes  = 1 << 29
)

// Read decodes a photograph into dst: 3 × form.Rows() × form.Columns() bytes, the planes of
// red, green and blue. Transparent pixels become white. lost is the share of the picture that
// the form cuts off.
func Read(dst []uint8, file files.File, form Form) (lost float64, err error) {
	content, err := readAll(file)
	if err != nil {
		return 0, err
	}
	p, err := Decode(content, 0)
	if err != nil {
		return 0, err
	}
	return p.Store(dst, form)
}

// instead is what a file is in place of an image.
func instead(content []byte) string {
	starts := func(text string) bool {
		return bytes.HasPrefix(bytes.ToLower(content[:min(HeadSize, len(content))]), []byte(text))
	}
	switch {
	case len(content) == 0:
		return "empty: fetch it again"
	case starts("version https://git-lfs"):
		return "a pointer of Git LFS in place of the image: fetch that by git lfs pull"
	case starts("<!doctype html") || starts("<html"):
		return "a web page in place of the image: fetch it again"
	}
	return "no image of a known kind, or damaged"
}

func readAll(file files.File) ([]byte, error) {
	r, err := file.Open()
	if err != nil {
		return nil, files.Bare(err)
	}
	defer func() { _ = r.Close() }() // it was only read
	// A size is what an archive claims.
	content := bytes.NewBuffer(make([]byte, 0, min(file.Size, 1<<24)+bytes.MinRead))
	if _, err := content.ReadFrom(io.LimitReader(r, maxBytes+1)); err != nil {
		return nil, fmt.Errorf("%w: damaged or cut short", files.Bare(err))
	}
	if content.Len() > maxBytes {
		return nil, fmt.Errorf("more than %d MiB", maxBytes>>20)
	}
	return content.Bytes(), nil
}

// decodeError tells kinds of a picture that are not read from damage.
func decodeError(kind Kind, err error, damage string) error {
	_, isJPEG := errors.AsType[jpeg.UnsupportedError](err)
	_, isPNG := errors.AsType[png.UnsupportedError](err)
	_, isTIFF := errors.AsType[tiff.UnsupportedError](err)
	if isJPEG || isPNG || isTIFF || errors.Is(err, bmp.ErrUnsupported) {
		return fmt.Errorf("%w: a kind of %s that is not read: save it anew", err, kind.Name)
	}
	return fmt.Errorf("%w: %s", err, damage)
}

// shrink is the upright picture in the form, and the share of it that the form leaves out.
func (f Form) shrink(picture image.Image, orientation int) (small *image.RGBA, lost float64) {
	bounds := picture.Bounds()
	width, height := bounds.Dx(), bounds.Dy()
	size := image.Rect(0, 0, f.Columns(), f.Rows())
	if isTurned(orientation) {
		width, height = height, width
	}
	from, to := f.place(width, height)
	lost = 1 - float64(from.Dx()*from.Dy())/float64(width*height)
	stored := size
	if isTurned(orientation) {
		stored = image.Rect(0, 0, size.Dy(), size.Dx())
	}
	small = image.NewRGBA(stored)
	from = storedRect(from, orientation, width, height).Add(bounds.Min)
	if to != size {
		draw.Draw(small, stored, image.NewUniform(padding), image.Point{}, draw.Src)
	}
	to = storedRect(to, orientation, size.Dx(), size.Dy())
	draw.Draw(small, to, image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, to, picture, from, draw.Over, nil)
	if orientation == upright {
		return small, lost
	}
	seen := image.NewRGBA(size)
	turn(seen, small, orientation)
	return seen, lost
}
