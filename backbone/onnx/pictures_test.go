package onnx_test

import (
	"archive/tar"
	"image"
	_ "image/jpeg" // what the photographs are
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// pictures are five of side × side, red, green and blue apart: photographs where
// they are at hand, else noise; the last but one all white, the last all black.
func pictures(t *testing.T, side int) [][]uint8 {
	t.Helper()
	all := photographs(t, side, 3)
	rng := rand.New(rand.NewPCG(3, 4))
	for len(all) < 3 {
		noise := make([]uint8, 3*side*side)
		for i := range noise {
			noise[i] = uint8(rng.IntN(256))
		}
		all = append(all, noise)
	}
	white := make([]uint8, 3*side*side)
	for i := range white {
		white[i] = 255
	}
	return append(all, white, make([]uint8, 3*side*side))
}

func photographs(t *testing.T, side, count int) (all [][]uint8) {
	t.Helper()
	file, err := os.Open("../../../shared/data/grocery/grocery64.tar")
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was only read
	for r := tar.NewReader(file); len(all) < count; {
		entry, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(entry.Name, ".jpg") {
			all = append(all, photograph(t, r, side))
		}
	}
	return all
}

// photograph is a picture's pixels, each the nearest.
func photograph(t *testing.T, r io.Reader, side int) []uint8 {
	t.Helper()
	picture, _, err := image.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	bounds := picture.Bounds()
	small := make([]uint8, 3*side*side)
	for y := range side {
		for x := range side {
			red, green, blue, _ := picture.At(bounds.Min.X+x*bounds.Dx()/side, bounds.Min.Y+y*bounds.Dy()/side).RGBA()
			for c, v := range []uint32{red, green, blue} {
				small[(c*side+y)*side+x] = uint8(v >> 8)
			}
		}
	}
	return small
}
