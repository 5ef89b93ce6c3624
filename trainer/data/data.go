// Package data holds the image sets that a metric-learning run trains and scores on, the
// split of a set by classes, the batch samplers, and the loader that makes batches.
//
//   - A [Set] is read by package sets below.
//   - [SplitClasses] parts a set into train, validation and test images without a common
//     class: retrieval is scored on classes that training never saw.
//   - [PK] deals batches of P classes × K images, [Shuffle] batches without regard to classes;
//     their state can be saved and restored.
//   - [Loader] makes the batches ahead of their use, on all processors, with random changes to
//     the images, those of package augment.
//
// A set is complete after it was read and doesn't change; the sample id of an image is its
// index in the set.
//
// The glyphs' jitter belongs to the set and is drawn once an image. Not here: normalisation
// by statistics of a set, networks, metrics, and any download.
package data

import (
	"fmt"

	"crossbatch/trainer/data/augment"
)

// A pixel v reaches the network as (v/255 - mean) / deviation. These are the mean and
// standard deviation of the glyph set, rounded; they hold for every set of one channel, so
// that a network trained on one can be scored on another. Photographs have those of
// ImageNet, a number for each of red, green and blue, as published weights expect.
const (
	PixelMean      = 0.06
	PixelDeviation = 0.2
)

var (
	photoMean      = [3]float32{0.485, 0.456, 0.406}
	photoDeviation = [3]float32{0.229, 0.224, 0.225}
)

// Set is a labelled image set in memory. Treat it as read-only after Load; then any
// number of goroutines may use it. The zero value is an empty set.
type Set struct {
	// Name is the spec that Load was given.
	Name string

	// Channels, Height and Width are the shape of every image as a network sees it: a
	// view of what is stored.
	Channels, Height, Width int

	// Margin is how many more rows and columns are stored on each side than a view has.
	Margin int

	// Pixels holds the images one after the other, each Channels × (Height + 2·Margin) ×
	// (Width + 2·Margin), row-major. Where there is one channel, 0 is background and 255
	// ink.
	Pixels []uint8

	// Features holds the images of a set that is not of images: Width numbers each.
	// Pixels is then empty.
	Features []float32

	// Labels holds the class of each image, 0 … len(ClassNames)-1. Every class has an
	// image; the images of a class stand together.
	Labels []int32

	// ClassNames says what each class is: "U+0041 AΑА", "Greek/character01".
	ClassNames []string

	// NoClasses tells that nothing is known of the images' classes, and Labels are all 0: they
	// can be embedded, not trained on or scored.
	NoClasses bool

	// Files says where each image comes from; nil where that is not a file.
	Files []string

	// Official is the split that the set comes with, nil for none.
	Official *Official

	// Ranks are those that the field reports recall at for this set; nil for the usual.
	Ranks []int

	// Cameras says which camera took each image, from 0, and -1 where that is not known; nil
	// where no image has one. CameraNames are what they are called.
	Cameras     []int32
	CameraNames []string

	// Groups says which images were taken together, as a track or a burst, from 0, and -1 for
	// an image alone; nil where no image has a group.
	Groups []int32

	// Junk is true for images that are neither right nor wrong: they are no queries, and are
	// left out of every ranking. nil: there are none.
	Junk []bool

	// Distractors is true for images of a gallery that are there to be wrong: they are no
	// queries and match nothing, not even each other, though they share a label. nil: there
	// are none.
	Distractors []bool

	// Broken says, for each image that was left out as it could not be read, why.
	Broken []string

	// LeftOut counts what was not taken for an image of the set, by reason.
	LeftOut []LeftOut

	// Notes are sentences about how the set was read that its user should know.
	Notes []string

	places []int32 // in Pixels of each image; nil: in order
	close  func() error
}

// Close gives back what the pixels lie in. The set is of no use afterwards.
func (s *Set) Close() error {
	if s.close == nil {
		return nil
	}
	s.Pixels = nil
	return s.close()
}

// OnClose says what gives back what the pixels lie in; nil for nothing.
func (s *Set) OnClose(f func() error) { s.close = f }

// IsFeatures tells that the set holds numbers of another model, not images.
func (s *Set) IsFeatures() bool { return s.Features != nil }

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// Classes returns the number of classes.
func (s *Set) Classes() int { return len(s.ClassNames) }

// Batch stores the images of index in dst, len(index) × Channels × Height × Width, scaled
// as their kind is: the middle of what is stored. It panics where dst has another length
// or an index lies outside the set.
func (s *Set) Batch(dst []float32, index []int) {
	size := s.Channels * s.Height * s.Width
	if len(dst) != len(index)*size {
		panic(fmt.Sprintf("data: batch: dst holds %d values, %d images of %d×%d×%d need %d",
			len(dst), len(index), s.Channels, s.Height, s.Width, len(index)*size))
	}
	for n, i := range index {
		s.view(dst[n*size:][:size], i)
	}
}

func (s *Set) view(dst []float32, i int) {
	if s.IsFeatures() {
		copy(dst, s.Features[i*s.Width:(i+1)*s.Width])
		return
	}
	for c := range s.Channels {
		mean, factor := s.scale(c)
		plane, pitch := s.plane(i, c)
		for y := range s.Height {
			out := dst[(c*s.Height+y)*s.Width:][:s.Width]
			for x, v := range plane[(y+s.Margin)*pitch+s.Margin:][:s.Width] {
				out[x] = (float32(v)*(1.0/255) - mean) * factor
			}
		}
	}
}

// stored is an image as it is stored.
func (s *Set) stored(i int) augment.Image {
	size := s.Channels * (s.Width + 2*s.Margin) * (s.Height + 2*s.Margin)
	if s.places != nil {
		i = int(s.places[i])
	}
	return augment.Image{Channels: s.Channels, Height: s.Height, Width: s.Width, Margin: s.Margin, Pixels: s.Pixels[i*size:][:size]}
}

// plane is a channel of a stored image, and its number of columns.
func (s *Set) plane(i, c int) (pixels []uint8, pitch int) {
	pitch = s.Width + 2*s.Margin
	size := pitch * (s.Height + 2*s.Margin)
	if s.places != nil {
		i = int(s.places[i])
	}
	return s.Pixels[(i*s.Channels+c)*size:][:size], pitch
}

// scale is what a channel's pixels, of 255, are moved and multiplied by.
func (s *Set) scale(c int) (mean, factor float32) {
	if s.Channels != 3 {
		return PixelMean, 1 / float32(PixelDeviation)
	}
	return photoMean[c], 1 / photoDeviation[c]
}
