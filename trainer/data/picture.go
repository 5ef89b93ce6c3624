package data

import (
	"fmt"
	"image"
	"math"
)

// Image returns image i without augmentation as a picture, white ink on black. A row of
// features is drawn as a square of grays.
func (s *Set) Image(i int) image.Image {
	view := make([]float32, s.Channels*s.Height*s.Width)
	s.view(view, i)
	return s.Picture(view)
}

// Picture draws a normalised image of Channels × Height × Width numbers, as Batch stores it.
// It panics if view has another length.
func (s *Set) Picture(view []float32) image.Image {
	if len(view) != s.Channels*s.Height*s.Width {
		panic(fmt.Sprintf("data: picture: %d numbers for an image of %d×%d×%d", len(view), s.Channels, s.Height, s.Width))
	}
	if s.IsFeatures() {
		return featurePicture(view)
	}
	picture := image.NewRGBA(image.Rect(0, 0, s.Width, s.Height))
	area := s.Height * s.Width
	for c := range 3 {
		channel := min(c, s.Channels-1)
		mean, factor := s.scale(channel)
		for k, v := range view[channel*area : (channel+1)*area] {
			picture.Pix[4*k+c] = uint8(min(max(math.Round(255*float64(v/factor+mean)), 0), 255))
			picture.Pix[4*k+3] = 255
		}
	}
	return picture
}

// featurePicture is a square of grays, from the least number to the largest.
func featurePicture(row []float32) image.Image {
	side := int(math.Ceil(math.Sqrt(float64(len(row)))))
	picture := image.NewGray(image.Rect(0, 0, side, side))
	low, high := row[0], row[0]
	for _, v := range row {
		low, high = min(low, v), max(high, v)
	}
	for i, v := range row {
		picture.Pix[i] = uint8(255 * (v - low) / max(high-low, math.SmallestNonzeroFloat32))
	}
	return picture
}
