package datatest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"slices"
)

// Exif returns an EXIF block that holds only the orientation, in the given byte order.
func Exif(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 274)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return order.AppendUint32(append(b, 0, 0), 0)
}

// ExifJPEG returns a JPEG with an EXIF block after a block of another program.
func ExifJPEG(jpeg, exif []byte) []byte {
	segment := func(body []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)), body...)
	}
	return slices.Concat(jpeg[:2], segment([]byte("http://ns.adobe.com/xap/1.0/\x00<x/>")), segment(append([]byte("Exif\x00\x00"), exif...)), jpeg[2:])
}

// ExifPNG returns a PNG with an EXIF chunk.
func ExifPNG(png, exif []byte) []byte {
	const header = 8 + 25 // of the file and of IHDR
	chunk := append([]byte("eXIf"), exif...)
	size := binary.BigEndian.AppendUint32(nil, uint32(len(exif)))
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
	return slices.Concat(png[:header], size, chunk, sum, png[header:])
}

// ExifWebP returns a WebP of one chunk in the extended form, with an EXIF chunk.
func ExifWebP(webp, exif []byte, width, height int) []byte {
	extended := []byte{'V', 'P', '8', 'X', 10, 0, 0, 0, 0x08, 0, 0, 0}
	for _, n := range []int{width - 1, height - 1} {
		extended = append(extended, byte(n), byte(n>>8), byte(n>>16))
	}
	chunk := append([]byte("EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(exif)))...)
	chunk = append(append(chunk, exif...), make([]byte, len(exif)%2)...)
	file := slices.Concat(webp[:12], extended, webp[12:], chunk)
	binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
	return file
}

// TIFF returns an uncompressed TIFF of m, stored with an EXIF orientation.
func TIFF(m image.Image, order binary.AppendByteOrder, orientation uint16) []byte {
	bounds := m.Bounds()
	var pixels []byte
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := m.At(x, y).RGBA()
			pixels = append(pixels, byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	const entries = 10
	const extra = 8 + 2 + 12*entries + 4 // where the bits of the samples stand
	file := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		file = []byte("MM")
	}
	file = order.AppendUint16(file, 42)
	file = order.AppendUint32(file, 8)
	file = order.AppendUint16(file, entries)
	for _, e := range []struct {
		tag, kind    uint16
		count, value uint32
	}{
		{256, 3, 1, uint32(bounds.Dx())}, {257, 3, 1, uint32(bounds.Dy())}, {258, 3, 3, extra}, {259, 3, 1, 1}, {262, 3, 1, 2},
		{273, 4, 1, extra + 6}, {274, 3, 1, uint32(orientation)}, {277, 3, 1, 3}, {278, 3, 1, uint32(bounds.Dy())}, {279, 4, 1, uint32(len(pixels))},
	} {
		file = order.AppendUint16(order.AppendUint16(file, e.tag), e.kind)
		file = order.AppendUint32(file, e.count)
		if e.kind == 3 && e.count == 1 {
			file = append(order.AppendUint16(file, uint16(e.value)), 0, 0)
		} else {
			file = order.AppendUint32(file, e.value)
		}
	}
	file = order.AppendUint32(file, 0)
	for range 3 {
		file = order.AppendUint16(file, 8)
	}
	return bytes.Join([][]byte{file, pixels}, nil)
}
