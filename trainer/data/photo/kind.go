package photo

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// HeadSize is the number of bytes at the beginning of a file that [KindOf] needs.
const HeadSize = 64

// Kind is the format of a file by its content, whatever its name.
type Kind struct {
	Name   string // "JPEG"; "" for none that is known
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	orient func(content []byte) int // of EXIF; nil: upright
}

// IsImage tells whether the format is one of images, also of those that cannot be read.
func (k Kind) IsImage() bool { return k.Name != "" }

// IsRead tells whether files of the format can be read.
func (k Kind) IsRead() bool { return k.decode != nil }

// KindOf is the kind of a file that begins with head, of [HeadSize] bytes or the whole file.
//
// AVIF is named and not read: what there is in Go runs libavif in an interpreter of WebAssembly,
// or, if the machine has one, its own libavif, whose pixels may be others; and it returns pixels
// in memory that it gave back.
func KindOf(head []byte) Kind {
	starts := func(magic ...string) bool {
		for _, m := range magic {
			if bytes.HasPrefix(head, []byte(m)) {
				return true
			}
		}
		return false
	}
	switch {
	case starts("\xff\xd8\xff"):
		return Kind{"JPEG", jpeg.DecodeConfig, jpeg.Decode, jpegOrientation}
	case starts("\x89PNG\r\n\x1a\n"):
		return Kind{"PNG", png.DecodeConfig, png.Decode, pngOrientation}
	case starts("GIF87a", "GIF89a"):
		return Kind{"GIF", gif.DecodeConfig, gif.Decode, nil}
	case starts("BM") && len(head) >= 18 && head[14] >= 12 && head[15] == 0 && head[16] == 0 && head[17] == 0:
		return Kind{"BMP", bmp.DecodeConfig, bmp.Decode, nil}
	case starts("II*\x00", "MM\x00*"):
		return Kind{"TIFF", tiff.DecodeConfig, tiff.Decode, tiffOrientation}
	case starts("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		if isAnimatedWebP(head) {
			return Kind{Name: "animated WebP"}
		}
		return Kind{"WebP", webpConfig, webpDecode, webpOrientation}
	case starts("II+\x00", "MM\x00+"):
		return Kind{Name: "BigTIFF"}
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return Kind{Name: map[string]string{
			"avif": "AVIF", "avis": "animated AVIF", "heic": "HEIC", "heix": "HEIC", "hevc": "HEIC", "mif1": "HEIF", "msf1": "HEIF", "crx ": "Canon raw",
		}[string(head[8:12])]}
	case starts("\x00\x00\x00\x0cJXL \r\n", "\xff\x0a"):
		return Kind{Name: "JPEG XL"}
	case starts("\x00\x00\x00\x0cjP  \r\n", "\xff\x4f\xff\x51"):
		return Kind{Name: "JPEG 2000"}
	case starts("8BPS"):
		return Kind{Name: "Photoshop"}
	case starts("%PDF-"):
		return Kind{Name: "PDF"}
	case starts("\x00\x00\x01\x00") && len(head) >= 6 && head[4] > 0 && head[5] == 0:
		return Kind{Name: "icon"}
	case starts("P1", "P2", "P3", "P4", "P5", "P6", "P7") && len(head) > 2 && (head[2] == '\n' || head[2] == ' ' || head[2] == '\r'):
		return Kind{Name: "PNM"}
	case starts("<svg") || starts("<?xml") && bytes.Contains(head, []byte("<svg")):
		return Kind{Name: "SVG"}
	}
	return Kind{}
}

// NotRead is the error about an image of a format that cannot be read.
type NotRead struct{ Kind string }

// Error names the format.
func (e NotRead) Error() string {
	return fmt.Sprintf("%s, which is not read: convert it to JPEG or PNG", e.Kind)
}
