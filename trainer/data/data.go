// Package data has the image sets that a metric-learning run trains and scores on, the split
// of a set by classes, the batch samplers, and the loader of batches.
//
//   - A [Set] is read by package trainer/data/sets.
//   - [SplitClasses] splits a set into train, validation and test images without a common
//     class: retrieval is scored on classes that training never saw.
//   - [PK] samples batches of P classes × K images, [Shuffle] batches without regard to
//     classes. Their state can be saved and restored.
//   - [Loader] makes the batches ahead of their use, on all processors, and augments the images
//     with package augment.
//
// A set does not change after it was read. The index of an image in the set is its sample id.
//
// The jitter of the glyph sets is part of the set: it is drawn once for each image. The
// package does not normalise by the statistics of a set, and downloads nothing.
package data

import (
	"fmt"

	"crossbatch/trainer/data/augment"
)

// The normalisation of images of one channel: a pixel v becomes (v/255 - mean) / deviation.
// The numbers are the mean and standard deviation of the glyph set, rounded. All sets of one
// channel use them, so that a network trained on one can be scored on another. Photographs
// use those of ImageNet for red, green and blue, as published weights expect. See
// [Set.Normalization].
const (
	PixelMean      = 0.06
	PixelDeviation = 0.2
)

var (
	photoMean      = [3]float32{0.485, 0.456, 0.406}
	photoDeviation = [3]float32{0.229, 0.224, 0.225}
)

// Set is a labelled image set in memory. Do not change a set that sets.Load has returned: then
// any number of goroutines may use it. The zero value is an empty set.
type Set struct {
	// Name is the spec of the set, as sets.Load takes it.
	Name string

	// Channels, Height and Width are the shape of an image as the network gets it.
	Channels, Height, Width int

	// Margin is the number of further rows and columns that are stored on each side, for
	// augmentation to crop from.
	Margin int

	// Pixels holds the images, each Channels × (Height + 2·Margin) × (Width + 2·Margin),
	// row-major. In images of one channel 0 is background and 255 is ink. Use Batch to read
	// images: after Keep the images are not in the order of Labels.
	Pixels []uint8

	// Features holds the features of a set of features, len(Labels) × Width numbers; Pixels is
	// then nil. nil for a set of images.
	Features []float32

	// Labels holds the class of each image, 0 … len(ClassNames)-1. Every class has an image.
	// The images of a class are adjacent.
	Labels []int32

	// ClassNames holds the name of each class, such as "U+0041 AΑА" or "Greek/character01".
	ClassNames []string

	// NoClasses tells that the classes are not known. Labels are then all 0. The images can be
	// embedded, but not trained on or scored.
	NoClasses bool

	// Files holds the file of each image; nil if they do not come from files.
	Files []string

	// Official is the split that the set comes with; nil if it has none.
	Official *Official

	// Ranks holds the k of recall@k that are usual for this set; nil for the default.
	Ranks []int

	// Cameras holds the camera of each image, an index of CameraNames, or -1 if not known; nil
	// if no image has one.
	Cameras     []int32
	CameraNames []string

	// Groups holds the group of each image, from 0: a track or a burst, taken together; -1 for
	// an image alone. nil if no image has a group.
	Groups []int32

	// Junk is true for images that are neither correct nor wrong results. They are no queries,
	// and are left out of every ranking. nil: there are none.
	Junk []bool

	// Distractors is true for gallery images that match no query. They are no queries, and do
	// not match each other, though they share a label. nil: there are none.
	Distractors []bool

	// Broken holds the reason for each image that was left out because it could not be read.
	Broken []string

	// LeftOut counts the files that were not taken for images of the set, by reason.
	LeftOut []LeftOut

	// Notes are remarks for the user about how the set was read.
	Notes []string

	places []int32 // in Pixels of each image; nil: in order
	close  func() error
}

// Close releases the memory or the file of the pixels. The set cannot be used afterwards.
func (s *Set) Close() error {
	if s.close == nil {
		return nil
	}
	s.Pixels = nil
	return s.close()
}

// OnClose sets the function that Close calls to release the pixels; nil for none. It is for
// readers of sets.
func (s *Set) OnClose(f func() error) { s.close = f }

// IsFeatures tells whether the set holds features of another model, not images.
func (s *Set) IsFeatures() bool { return s.Features != nil }

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// Classes returns the number of classes.
func (s *Set) Classes() int { return len(s.ClassNames) }

// Batch stores the images of index in dst, len(index) × Channels × Height × Width numbers,
// normalised and without augmentation: the middle of what is stored, see Normalization.
// Features are copied. It panics if dst has another length or an index is outside the set.
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
