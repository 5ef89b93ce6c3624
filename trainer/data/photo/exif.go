package photo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// EXIF says how a camera was held. The Go packages for EXIF read all of its hundreds of values,
// are years old, and read it in one kind of file; here one value is looked for, in four kinds.
//
//	JEITA CP-3451C, Exchangeable image file format for digital still cameras: Exif
//	Version 2.3. 2010. (section 4.6.4, tag 274)

// orientationTag is that of EXIF's orientation, and of TIFF's own.
const orientationTag = 274

// upright is the orientation of a picture that is stored as it is seen.
const upright = 1

// tiffOrientation is the orientation in a TIFF structure, as EXIF is one; upright where there is
// none that makes sense.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return upright
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		const size = 12
		if len(entries) < size {
			break
		}
		if order.Uint16(entries) == orientationTag {
			value := int(order.Uint16(entries[8:]))
			if kind := order.Uint16(entries[2:]); kind == 4 { // a long in place of a short
				value = int(order.Uint32(entries[8:]))
			}
			if value >= 1 && value <= 8 {
				return value
			}
			break
		}
		entries = entries[size:]
	}
	return upright
}

var exifHead = []byte("Exif\x00\x00")

// exifOrientation is tiffOrientation of an EXIF block, with its head or without.
func exifOrientation(b []byte) int {
	return tiffOrientation(bytes.TrimPrefix(b, exifHead))
}

// jpegOrientation looks at the segments before the picture.
func jpegOrientation(b []byte) int {
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff; {
		marker := b[1]
		if marker == 0xff { // filling
			b = b[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(b[2:])) + 2
		if marker == 0xda || size < 4 || size > len(b) {
			break
		}
		if body := b[4:size]; marker == 0xe1 && bytes.HasPrefix(body, exifHead) {
			return exifOrientation(body)
		}
		b = b[size:]
	}
	return upright
}

// pngOrientation looks at the chunk eXIf.
func pngOrientation(b []byte) int {
	for b = b[8:]; len(b) >= 12; {
		size := uint64(binary.BigEndian.Uint32(b))
		if size+12 > uint64(len(b)) {
			break
		}
		if string(b[4:8]) == "eXIf" {
			return exifOrientation(b[8 : 8+size])
		}
		b = b[12+size:]
	}
	return upright
}

// webpOrientation looks at the chunk EXIF.
func webpOrientation(b []byte) int {
	for b = b[12:]; len(b) >= 8; {
		size := uint64(binary.LittleEndian.Uint32(b[4:]))
		if size+8 > uint64(len(b)) {
			break
		}
		if string(b[:4]) == "EXIF" {
			return exifOrientation(b[8 : 8+size])
		}
		b = b[min(8+size+size%2, uint64(len(b))):]
	}
	return upright
}

// The eight orientations are all ways to lay a rectangle on itself: x and y change places, or
// not, and then each is mirrored, or not.

// isTurned tells that rows and columns change places.
func isTurned(orientation int) bool { return orientation >= 5 }

// mirrors says what a stored picture is mirrored along, to be seen upright: after rows and
// columns changed places.
func mirrors(orientation int) (x, y bool) {
	switch orientation {
	case 2, 6:
		return true, false
	case 3, 7:
		return true, true
	case 4, 8:
		return false, true
	}
	return false, false
}

// storedRect is where a part of an upright picture lies in the stored one, both from (0, 0).
// width and height are those of the upright one.
func storedRect(r image.Rectangle, orientation, width, height int) image.Rectangle {
	x, y := mirrors(orientation)
	if x {
		r.Min.X, r.Max.X = width-r.Max.X, width-r.Min.X
	}
	if y {
		r.Min.Y, r.Max.Y = height-r.Max.Y, height-r.Min.Y
	}
	if isTurned(orientation) {
		r = image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X)
	}
	return r
}

// turn stores in dst the upright picture of a stored one; their sizes must fit.
func turn(dst, stored *image.RGBA, orientation int) {
	mirrorX, mirrorY := mirrors(orientation)
	width, height := dst.Rect.Dx(), dst.Rect.Dy()
	for y := range height {
		for x := range width {
			fromX, fromY := x, y
			if mirrorX {
				fromX = width - 1 - x
			}
			if mirrorY {
				fromY = height - 1 - y
			}
			if isTurned(orientation) {
				fromX, fromY = fromY, fromX
			}
			copy(dst.Pix[y*dst.Stride+4*x:][:4], stored.Pix[fromY*stored.Stride+4*fromX:][:4])
		}
	}
}
