package run

import (
	"testing"

	"crossbatch/trainer/data"
)

func TestInfoText(t *testing.T) {
	for _, one := range []struct {
		info Info
		want string
	}{
		{Info{Data: "glyphs", Channels: 1, Height: 32, Width: 32, Classes: 4, Images: 40, ImagesAClass: Spread{10, 10, 10}, Ranks: []int{1, 2, 4},
			Augment: "glyph", Parts: map[string]PartCount{PartTest: {2, 20}, PartTrain: {2, 20}}, Bytes: 3 << 20, Sheet: "sheet.png"},
			`data       glyphs
images     40, 1 × 32 × 32, 3 MiB
classes    4, 10 images each
split      by seed
  train    2 classes, 20 images
  test     2 classes, 20 images
recall at  1, 2, 4
augment    glyph
sheet      sheet.png
`},
		{Info{Data: "market", Height: 1, Width: 8, Classes: 3, Images: 9, ImagesAClass: Spread{1, 2.5, 5}, Official: true, Ranks: []int{1}, Augment: "none",
			SplitError: "too few classes", Cameras: 6, Junk: 2, Distractors: 3, LeftOut: []data.LeftOut{{Count: 1, Reason: "no image", First: "a.txt"}},
			Notes: []string{"read as it is"}, Broken: 2, FirstBroken: "b.jpg"},
			`data         market
images       9, features of 8 numbers, 0 MiB
classes      3 of 1 to 5 images, median 2.5
split        test as the set comes, validation by seed
  none       too few classes
recall at    1
augment      none
cameras      6
gallery has  2 images that count as junk, 3 distractors
left out     1: no image; the first: a.txt
note         read as it is
broken       2 left out, the first: b.jpg
`},
	} {
		if got := one.info.Text(); got != one.want {
			t.Errorf("the text is\n%s\nit should be\n%s", got, one.want)
		}
	}
}
