package data

import (
	"testing"

	"crossbatch/trainer/data/augment"
)

func TestAugmentationOfASet(t *testing.T) {
	photos, glyphs := noise(3, 4, 0, 2, 2), noise(1, 4, 0, 2, 2)
	for _, test := range []struct {
		set        *Set
		kind, want string
	}{
		{photos, "", augment.Photo}, {photos, augment.Auto, augment.Photo}, {glyphs, "", augment.None},
		{glyphs, augment.Views, augment.Views}, {photos, augment.None, augment.None},
	} {
		if got, err := test.set.Augmentation(test.kind); err != nil || got != test.want {
			t.Errorf("%d channels, %q: %q, %v", test.set.Channels, test.kind, got, err)
		}
	}
}

// Every number of a view is one that a pixel can have.
func TestViewsStayInRange(t *testing.T) {
	for _, channels := range []int{1, 3} {
		set := noise(channels, 16, 1, 2, 2)
		view := make([]float32, channels*256)
		for _, kind := range []string{augment.Photo, augment.Glyph, augment.Views, "photo:scale=0.5..0.9,ratio=1,flip=false,erase=1,blur=0.5", "views:hue=0.5,erase=0.5"} {
			parsed, err := augment.Parse(kind)
			if err != nil {
				t.Fatal(err)
			}
			brush := augmenter{set: set, seed: 1, brush: augment.Brush{Augmentation: parsed}}
			for n := range 300 {
				brush.view(view, n%set.Len(), uint64(n), 0, 0)
				for k, v := range view {
					mean, factor := set.scale(k / 256)
					if pixel := 255 * (v/factor + mean); !(pixel > -0.01 && pixel < 255.01) {
						t.Fatalf("%s, view %d: a pixel of %g", kind, n, pixel)
					}
				}
			}
		}
	}
}
