// Package augment changes images as training sees them, each time anew: crops, mirror images,
// turns, colours, blur, holes. What a view looks like depends on the random generator that it
// is given, and on nothing else.
package augment

import "math/rand/v2"

// Kinds of augmentation: what training does to an image each time that it sees it.
const (
	// Auto is Photo for photographs and None for everything else: the
	// characters of fonts are jittered already, once an image, and handwriting is trained on
	// as it was drawn.
	Auto = "auto"
	// None leaves images as they are scored: the middle of what is stored.
	None = "none"
	// Photo is a random resized crop and, every other time, the mirror image.
	Photo = "photo"
	// Glyph turns, scales, shears and shifts, within the bounds of the glyph sets'
	// own jitter.
	Glyph = "glyph"
	// Views is for learning without labels, where two views of an image must have
	// nothing in common but what it shows: crop, mirror image, colours, gray and blur for
	// photographs; wider turns, other strokes, blur and holes for one channel.
	Views = "views"
)

// Kinds lists the kinds, the default first.
func Kinds() []string {
	return []string{Auto, None, Photo, Glyph, Views}
}

// Image is a stored image: Channels × (Height + 2·Margin) × (Width + 2·Margin) pixels, of
// which a view shows Height × Width.
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

// Brush makes views of images. It belongs to one goroutine.
type Brush struct {
	Kind string // one of Kinds, but not Auto
	room []float32
}

// View stores a view of an image, Channels × Height × Width, from 0 to 255.
func (b *Brush) View(dst []float32, m Image, rng *rand.Rand) {
	switch b.Kind {
	case None:
		m.resample(dst, m.middle())
	case Photo:
		m.resample(dst, m.randomWindow(rng))
	case Glyph:
		m.warp(dst, mildWarp.draw(rng, m))
	case Views:
		if m.Channels == 3 {
			m.resample(dst, m.randomWindow(rng))
			b.recolour(dst, m, rng)
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

// chance is true for a share of its calls.
func chance(rng *rand.Rand, share float64) bool { return rng.Float64() < share }
