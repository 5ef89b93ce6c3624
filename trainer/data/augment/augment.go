// Package augment augments images for training: crops, mirror images, rotations, colours,
// blur, erased rectangles. A view depends on the image, the augmentation and the random
// generator, and on nothing else.
package augment

import (
	"math"
	"math/rand/v2"

	"crossbatch/xbm/spec"
)

// The kinds of augmentation.
const (
	// Auto is Photo for photographs and None for all other sets: the glyph sets are jittered
	// already, once for each image, and handwriting is used as it was drawn.
	Auto = "auto"
	// None leaves images as they are when they are scored: the middle of what is stored.
	None = "none"
	// Photo is a random resized crop and a mirror image with probability one half. Parameters
	// add colours, gray, blur and an erased rectangle.
	Photo = "photo"
	// Glyph rotates, scales, shears and shifts, by default within the bounds of the glyph
	// sets' own jitter.
	Glyph = "glyph"
	// Views is for training without labels, where two views of an image must have only the
	// content in common. Photographs get crop, mirror image, colours, gray and blur. Images of
	// one channel get larger rotations, other stroke widths, blur and holes.
	Views = "views"
)

// Kinds lists the kinds, the default first.
func Kinds() []string {
	return []string{Auto, None, Photo, Glyph, Views}
}

// Augmentation is a kind with its parameters. It comes from [Parse] and does not change. Any
// number of goroutines may use it.
type Augmentation struct {
	Kind string
	// NeedsColour tells that a parameter is set that has no effect on images of one channel.
	NeedsColour bool

	photo photograph
	turn  Bounds
}

// Parse reads a kind with its parameters, as package spec does: none, or
// photo:scale=0.5..1,flip=false. "" is Auto. An unknown kind or parameter is an error.
func Parse(text string) (Augmentation, error) {
	if text == "" {
		text = Auto
	}
	a, err := table().Parse(text)
	if err != nil {
		return Augmentation{}, err
	}
	a.NeedsColour = a.Kind == Photo && (a.photo.jitters() || a.photo.Gray > 0)
	a.turn.Angle *= math.Pi / 180
	return *a, nil
}

// Names lists the kinds with their parameters and defaults, as Parse reads them.
func Names() []string { return table().Names() }

func table() spec.Table[*Augmentation] {
	plain := func(kind string) spec.Entry[*Augmentation] {
		return spec.Entry[*Augmentation]{Name: kind, New: func(string) (*Augmentation, []spec.Field) { return &Augmentation{Kind: kind}, nil }}
	}
	photos := func(kind string, defaults func() photograph) spec.Entry[*Augmentation] {
		return spec.Entry[*Augmentation]{Name: kind, New: func(string) (*Augmentation, []spec.Field) {
			a := &Augmentation{Kind: kind, photo: defaults()}
			return a, a.photo.fields()
		}}
	}
	return spec.Table[*Augmentation]{Kind: "augmentation", Entries: []spec.Entry[*Augmentation]{
		plain(Auto), plain(None), photos(Photo, plainPhotograph),
		{Name: Glyph, New: func(string) (*Augmentation, []spec.Field) {
			a := &Augmentation{Kind: Glyph, turn: Mild()}
			a.turn.Angle = mildDegrees // as text has it
			return a, []spec.Field{
				{Key: "angle", At: &a.turn.Angle, Range: spec.From(0, 180)}, {Key: "scale", At: &a.turn.Scale, Range: spec.From(0, 0.9)},
				{Key: "shear", At: &a.turn.Shear, Range: spec.From(0, 2)}, {Key: "shift", At: &a.turn.Shift, Range: spec.From(0, 1)},
			}
		}},
		photos(Views, viewsPhotograph),
	}}
}

// Image is a stored image: Channels × (Height + 2·Margin) × (Width + 2·Margin) pixels,
// row-major. A view has Height × Width of them.
type Image struct {
	Channels, Height, Width, Margin int
	Pixels                          []uint8
}

// plane is a channel, and its number of columns.
func (m Image) plane(c int) (pixels []uint8, pitch int) {
	pitch = m.Width + 2*m.Margin
	size := pitch * (m.Height + 2*m.Margin)
	return m.Pixels[c*size:][:size], pitch
}

// Brush makes augmented views of images. Its buffers are reused: it is not safe for concurrent
// use.
type Brush struct {
	Augmentation // not of kind Auto
	room         []float32
}

// View stores an augmented view of m in dst: Channels × Height × Width numbers from 0 to 255,
// row-major, not yet normalised. It draws from rng.
func (b *Brush) View(dst []float32, m Image, rng *rand.Rand) {
	switch b.Kind {
	case None:
		m.resample(dst, m.middle())
	case Photo:
		b.photo.view(b, dst, m, rng)
	case Glyph:
		m.warp(dst, b.turn.draw(rng, m))
	case Views:
		if m.Channels == 3 {
			b.photo.view(b, dst, m, rng)
		} else {
			m.warp(dst, wideWarp.draw(rng, m))
			b.redraw(dst, m, rng)
		}
	}
}

// middle is what a view shows of an image that is not augmented.
func (m Image) middle() window {
	side := float64(m.Margin)
	return window{x: side, y: side, width: float64(m.Width), height: float64(m.Height)}
}

// within draws from [low, high).
func within(rng *rand.Rand, low, high float64) float64 { return low + (high-low)*rng.Float64() }

// draw is true with a probability.
func draw(rng *rand.Rand, probability float64) bool { return rng.Float64() < probability }
