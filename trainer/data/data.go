// Package data holds the image sets a metric-learning run trains and scores on, the
// split of a set by classes, and the batch sampler.
//
//   - [Load] makes a [Set]: characters drawn from the outlines of fonts that come as Go
//     modules, or Omniglot's handwritten characters from a folder or zip.
//   - [SplitClasses] parts a set into train, validation and test images without a common
//     class: retrieval is scored on classes that training never saw.
//   - [PK] deals batches of P classes × K images; its state can be saved and restored.
//
// A set lies in memory as bytes, is complete after Load and doesn't change; the sample id
// of an image is its index in the set. The same spec gives the same bytes in every run,
// whatever the number of processors.
//
// Not here: augmentation during training (the glyphs' jitter belongs to the set and is
// drawn once an image), normalisation by statistics of a set, networks, metrics, and
// any download.
package data

import (
	"fmt"
	"image"
)

// A pixel v reaches the network as (v/255 - PixelMean) / PixelDeviation. The constants
// are the mean and standard deviation of the glyph set, rounded; they hold for every set,
// so that a network trained on one can be scored on another.
const (
	PixelMean      = 0.06
	PixelDeviation = 0.2
)

// Set is a labelled image set in memory. Treat it as read-only after Load; then any
// number of goroutines may use it. The zero value is an empty set.
type Set struct {
	// Name is the spec that Load was given.
	Name string

	// Channels, Height and Width are the shape of every image.
	Channels, Height, Width int

	// Pixels holds the images one after the other, each Channels × Height × Width,
	// row-major; 0 is background and 255 ink.
	Pixels []uint8

	// Labels holds the class of each image, 0 … len(ClassNames)-1. Every class has an
	// image; the images of a class stand together.
	Labels []int32

	// ClassNames says what each class is: "U+0041 AΑА", "Greek/character01".
	ClassNames []string
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// Classes returns the number of classes.
func (s *Set) Classes() int { return len(s.ClassNames) }

// Batch stores the images of index in dst, len(index) × Channels × Height × Width, scaled
// by [PixelMean] and [PixelDeviation]. It panics where dst has another length or an index
// lies outside the set.
func (s *Set) Batch(dst []float32, index []int) {
	size := s.Channels * s.Height * s.Width
	if len(dst) != len(index)*size {
		panic(fmt.Sprintf("data: batch: dst holds %d values, %d images of %d×%d×%d need %d",
			len(dst), len(index), s.Channels, s.Height, s.Width, len(index)*size))
	}
	for n, i := range index {
		out := dst[n*size:][:size]
		for k, v := range s.Pixels[i*size:][:size] {
			out[k] = (float32(v)*(1.0/255) - PixelMean) * (1 / PixelDeviation)
		}
	}
}

// Image returns image i for a contact sheet, white ink on black. The picture of a set
// with one channel aliases Pixels; that of three channels is a copy.
func (s *Set) Image(i int) image.Image {
	area := s.Height * s.Width
	pixels := s.Pixels[i*s.Channels*area:][:s.Channels*area]
	bounds := image.Rect(0, 0, s.Width, s.Height)
	if s.Channels != 3 {
		return &image.Gray{Pix: pixels[:area:area], Stride: s.Width, Rect: bounds}
	}
	picture := image.NewRGBA(bounds)
	for k := range area {
		copy(picture.Pix[4*k:], []uint8{pixels[k], pixels[area+k], pixels[2*area+k], 255})
	}
	return picture
}
