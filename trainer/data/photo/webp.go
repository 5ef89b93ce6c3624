package photo

import (
	"bytes"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// isAnimatedWebP tells it from the flags of the extended format.
//
// https://www.rfc-editor.org/rfc/rfc9649 (section 2.7)
func isAnimatedWebP(head []byte) bool {
	const flags, animation = 20, 0x02
	return len(head) > flags && bytes.Equal(head[12:16], []byte("VP8X")) && head[flags]&animation != 0
}

func webpConfig(r io.Reader) (image.Config, error) { return webp.DecodeConfig(r) }

// webpDecode decodes WebP. The library returns the numbers of a lossy picture as they are
// stored, luma from 16 to 235 and chroma from 16 to 240 as video has them, in a type of image
// that means 0 to 255 (https://go.dev/issue/40173): they are stretched to that here.
//
//	RFC 6386, VP8 Data Format and Decoding Guide, 2011 (section 9.2: ITU-R BT.601)
func webpDecode(r io.Reader) (image.Image, error) {
	picture, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch p := picture.(type) {
	case *image.YCbCr:
		stretch(p)
	case *image.NYCbCrA:
		stretch(&p.YCbCr)
	}
	return picture, nil
}

func stretch(p *image.YCbCr) {
	var luma, chroma [256]uint8
	for v := range 256 {
		luma[v] = uint8(min(max((255*(v-16)+109)/219, 0), 255))
		chroma[v] = uint8(min(max((255*(v-128)+224*128+112)/224, 0), 255))
	}
	for i, v := range p.Y {
		p.Y[i] = luma[v]
	}
	for _, plane := range [][]uint8{p.Cb, p.Cr} {
		for i, v := range plane {
			plane[i] = chroma[v]
		}
	}
}
