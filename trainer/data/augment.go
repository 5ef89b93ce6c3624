package data

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Kinds of augmentation: what training does to an image each time that it sees it.
const (
	// AugmentAuto is AugmentPhoto for photographs and AugmentNone for everything else: the
	// characters of fonts are jittered already, once an image, and handwriting is trained on
	// as it was drawn.
	AugmentAuto = "auto"
	// AugmentNone leaves images as they are scored: the middle of what is stored.
	AugmentNone = "none"
	// AugmentPhoto is a random resized crop and, every other time, the mirror image.
	AugmentPhoto = "photo"
	// AugmentGlyph turns, scales, shears and shifts, within the bounds of the glyph sets'
	// own jitter.
	AugmentGlyph = "glyph"
	// AugmentViews is for learning without labels, where two views of an image must have
	// nothing in common but what it shows: crop, mirror image, colours, gray and blur for
	// photographs; wider turns, other strokes, blur and holes for one channel.
	AugmentViews = "views"
)

// Augmentations lists the kinds, the default first.
func Augmentations() []string {
	return []string{AugmentAuto, AugmentNone, AugmentPhoto, AugmentGlyph, AugmentViews}
}

// Augmentation is the kind that a name, "" being the default, stands for with this set.
func (s *Set) Augmentation(kind string) (string, error) {
	if kind == "" || kind == AugmentAuto {
		if s.Channels == 3 {
			return AugmentPhoto, nil
		}
		return AugmentNone, nil
	}
	if !slices.Contains(Augmentations(), kind) {
		return "", fmt.Errorf("data: augment is %q: give one of %s", kind, strings.Join(Augmentations(), ", "))
	}
	if s.IsFeatures() && kind != AugmentNone {
		return "", fmt.Errorf("data: augment is %q, and %s holds numbers of another model, not images: give %s", kind, s.Name, AugmentNone)
	}
	return kind, nil
}

// augmenter makes views of a set's images. It belongs to one goroutine.
type augmenter struct {
	set  *Set
	kind string // not auto
	seed uint64
	room []float32
}

// view stores a view of an image, Channels × Height × Width. It depends on the seed and the
// image's place in the training alone: batch, position in it, and view.
func (a *augmenter) view(dst []float32, image int, batch uint64, position, view int) {
	if a.kind == AugmentNone {
		a.set.view(dst, image)
		return
	}
	rng := rand.New(rand.NewPCG(a.seed^augmentStream, mixed(mixed(batch)+uint64(position))+uint64(view)))
	switch a.kind {
	case AugmentPhoto:
		a.set.resample(dst, image, a.set.randomWindow(rng))
	case AugmentGlyph:
		a.set.warp(dst, image, mildWarp.draw(rng, a.set))
	case AugmentViews:
		if a.set.Channels == 3 {
			a.set.resample(dst, image, a.set.randomWindow(rng))
			a.recolour(dst, rng)
		} else {
			a.set.warp(dst, image, wideWarp.draw(rng, a.set))
			a.redraw(dst, rng)
		}
	}
	area := a.set.Height * a.set.Width
	for c := range a.set.Channels {
		mean, factor := a.set.scale(c)
		for i, v := range dst[c*area : (c+1)*area] {
			dst[c*area+i] = (v*(1.0/255) - mean) * factor
		}
	}
}

// augmentStream keeps the draws of augmentation apart from the others of a seed.
const augmentStream = 0xa06e7a7e

// mixed is a permutation of the 64-bit numbers whose values look random.
//
//	Guy L. Steele Jr., Doug Lea, Christine H. Flood. Fast Splittable Pseudorandom Number
//	Generators. OOPSLA 2014. https://doi.org/10.1145/2660193.2660195 (mix64variant13)
func mixed(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// within draws from [low, high).
func within(rng *rand.Rand, low, high float64) float64 { return low + (high-low)*rng.Float64() }

// chance is true for a share of its calls.
func chance(rng *rand.Rand, share float64) bool { return rng.Float64() < share }
