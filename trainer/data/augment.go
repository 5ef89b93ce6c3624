package data

import (
	"fmt"
	"math/rand/v2"

	"crossbatch/trainer/data/augment"
)

// Augmentation is the augmentation that a text, "" being the default, stands for with this set,
// in the form of augment.Parse.
func (s *Set) Augmentation(text string) (string, error) {
	a, err := augment.Parse(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("data: augment: %w", err)
	case a.Kind == augment.Auto && s.Channels == 3:
		return augment.Photo, nil
	case a.Kind == augment.Auto:
		return augment.None, nil
	case s.IsFeatures() && a.Kind != augment.None:
		return "", fmt.Errorf("data: augment is %q, and %s holds numbers of another model, not images: give %s", text, s.Name, augment.None)
	case a.NeedsColour && s.Channels != 3:
		return "", fmt.Errorf("data: augment is %q, and the images of %s have no colours: leave out what changes these", text, s.Name)
	}
	return text, nil
}

// augmenter makes views of a set's images. It belongs to one goroutine.
type augmenter struct {
	set   *Set
	seed  uint64
	brush augment.Brush
}

// view stores a view of an image, Channels × Height × Width. It depends on the seed and the
// image's place in the training alone: batch, position in it, and view.
func (a *augmenter) view(dst []float32, image int, batch uint64, position, view int) {
	if a.brush.Kind == augment.None {
		a.set.view(dst, image)
		return
	}
	rng := rand.New(rand.NewPCG(a.seed^augmentStream, mixed(mixed(batch)+uint64(position))+uint64(view)))
	a.brush.View(dst, a.set.stored(image), rng)
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
