// Package datatest makes the files that tests of readers read, and checks their messages.
package datatest

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
)

// Tree writes files, by their paths, below a new temporary folder and returns that folder.
func Tree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Halves returns a picture with a left half of one colour and a right half of another.
func Halves(width, height int, left, right color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(3, 5, 3+width, 5+height)) // not every image begins at 0
	for y := range height {
		for x := range width {
			c := left
			if x >= width/2 {
				c = right
			}
			m.Set(3+x, 5+y, c)
		}
	}
	return m
}

// Picture returns m encoded as a file of this kind: jpg, png, gif or bmp.
func Picture(t testing.TB, kind string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "jpg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	case "png":
		err = png.Encode(&b, m)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "bmp":
		err = bmp.Encode(&b, m)
	default:
		t.Fatal(kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// JPEG returns a small photograph as a JPEG. Another n gives another photograph.
func JPEG(t testing.TB, n int) []byte {
	t.Helper()
	return Picture(t, "jpg", Halves(24, 18, color.RGBA{uint8(40 * n), 200, 30, 255}, color.RGBA{10, uint8(30 * n), 220, 255}))
}

// WebP is a lossless WebP whose left half has one green and whose right half another, larger
// one, with the same red and blue. Each of its five prefix codes has one symbol, or two.
//
// https://www.rfc-editor.org/rfc/rfc9649 (section 3)
func WebP(width, height int, red, blue, left, right uint8) []byte {
	var stream []byte
	var bits, have uint
	put := func(value, count uint) {
		bits |= value << have
		for have += count; have >= 8; have -= 8 {
			stream = append(stream, byte(bits))
			bits >>= 8
		}
	}
	one := func(symbol uint8) { // a code of one symbol: simple, one, of 8 bits
		put(1, 1)
		put(0, 1)
		put(1, 1)
		put(uint(symbol), 8)
	}
	put(0x2f, 8)
	put(uint(width-1), 14)
	put(uint(height-1), 14)
	put(0, 1+3) // no alpha, version
	put(0, 3)   // no transform, no colour cache, one group of codes
	put(1, 1)   // green: simple, two
	put(1, 1)
	put(1, 1)
	put(uint(left), 8)
	put(uint(right), 8)
	one(red)
	one(blue)
	one(255)
	one(0) // distance
	for range height {
		for x := range width {
			if x < width/2 {
				put(0, 1)
			} else {
				put(1, 1)
			}
		}
	}
	put(0, 7)
	stream = append(stream, make([]byte, len(stream)%2)...)
	file := []byte("RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00")
	file = append(file, stream...)
	for at, size := range map[int]int{4: len(file) - 8, 16: len(stream)} {
		file[at], file[at+1] = byte(size), byte(size>>8)
	}
	return file
}
