package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The window of a scored image shows exactly its pixels, and mirrored, its mirror image.
func TestResampleOfTheMiddleIsTheView(t *testing.T) {
	set := noise(3, 9, 2, 2, 2)
	got, want := make([]float32, 3*81), make([]float32, 3*81)
	for i := range set.Len() {
		set.resample(got, i, window{x: 2, y: 2, width: 9, height: 9})
		set.view(want, i)
		for k, v := range got {
			mean, factor := set.scale(k / 81)
			if (v*(1.0/255)-mean)*factor != want[k] {
				t.Fatalf("image %d, number %d: %g", i, k, v)
			}
		}
		plain := slices.Clone(got)
		set.resample(got, i, window{x: 2, y: 2, width: 9, height: 9, mirror: true})
		for line := range slices.Chunk(got, 9) {
			slices.Reverse(line)
		}
		if !slices.Equal(got, plain) {
			t.Fatalf("image %d: the mirror image is not one", i)
		}
	}
}

// A ramp stays one under any crop, with the values of its ends.
func TestResampleIsLinear(t *testing.T) {
	set := &Set{Channels: 1, Height: 8, Width: 8, Margin: 1, Labels: []int32{0}, Pixels: make([]uint8, 100)}
	for i := range set.Pixels {
		set.Pixels[i] = uint8(10*(i%10) + i/10)
	}
	got := make([]float32, 64)
	set.resample(got, 0, window{x: 2, y: 3, width: 4, height: 6})
	for y := range 8 {
		for x := range 8 {
			want := 10*(2+(float64(x)+0.5)*4/8-0.5) + 3 + (float64(y)+0.5)*6/8 - 0.5
			if math.Abs(float64(got[8*y+x])-want) > 1e-4 {
				t.Fatalf("(%d, %d): %g, want %g", x, y, got[8*y+x], want)
			}
		}
	}
}

func TestRandomWindowsStayInside(t *testing.T) {
	set := &Set{Channels: 3, Height: 24, Width: 24, Margin: 2}
	rng := rand.New(rand.NewPCG(1, 1))
	least, most, widest, mirrored := 1.0, 0.0, 1.0, 0
	const draws = 5000
	for range draws {
		w := set.randomWindow(rng)
		if w.x < 0 || w.y < 0 || w.x+w.width > 28 || w.y+w.height > 28 {
			t.Fatalf("%+v of 28 × 28", w)
		}
		area := w.width * w.height / (28 * 28)
		least, most, widest = min(least, area), max(most, area), max(widest, w.width/w.height)
		if w.mirror {
			mirrored++
		}
	}
	if least < cropLeast-1e-9 || least > 0.21 || most < 0.95 || widest > cropRatio+1e-9 || widest < 1.3 {
		t.Errorf("areas from %.3f to %.3f, width by height up to %.3f", least, most, widest)
	}
	if mirrored < draws*45/100 || mirrored > draws*55/100 {
		t.Errorf("%d of %d mirrored", mirrored, draws)
	}
}

// Without bounds a warp is the view, and with a shift alone what is seen moves by it.
func TestWarp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, channels := range []int{1, 3} {
		set := noise(channels, 9, 1, 2, 2)
		got, want := make([]float32, channels*81), make([]float32, channels*81)
		set.warp(got, 1, warpBounds{}.draw(rng, set))
		set.resample(want, 1, window{x: 1, y: 1, width: 9, height: 9})
		for k := range got {
			if math.Abs(float64(got[k]-want[k])) > 1e-3 {
				t.Fatalf("number %d: %g, want %g", k, got[k], want[k])
			}
		}
	}
	dot := &Set{Channels: 1, Height: 33, Width: 33, Labels: []int32{0}, Pixels: make([]uint8, 33*33)}
	dot.Pixels[20*33+10] = 255
	for range 200 {
		m := mildWarp.draw(rng, dot)
		got := make([]float32, 33*33)
		dot.warp(got, 0, m)
		var sum, x, y float64
		for k, v := range got {
			sum, x, y = sum+float64(v), x+float64(v)*float64(k%33), y+float64(v)*float64(k/33)
		}
		if sum == 0 {
			continue
		}
		// Where the dot is seen is mapped to where it lies.
		at := m.apply(point{float32(x / sum), float32(y / sum)})
		if math.Abs(float64(at.x)-10) > 0.6 || math.Abs(float64(at.y)-20) > 0.6 {
			t.Errorf("the dot is seen at (%.2f, %.2f), which shows (%.2f, %.2f)", x/sum, y/sum, at.x, at.y)
		}
	}
}

func TestColours(t *testing.T) {
	turned := []float32{200, 40, 90} // one pixel
	turnHue(turned, 1, 1.0/3)
	for c, want := range []float32{90, 200, 40} { // a third of a turn: red goes to green
		if math.Abs(float64(turned[c]-want)) > 0.01 {
			t.Errorf("a third of a turn: %v", turned)
		}
	}
	turnHue(turned, 1, -1.0/3)
	if math.Abs(float64(turned[0]-200)) > 0.01 || math.Abs(float64(turned[1]-40)) > 0.01 {
		t.Errorf("and back: %v", turned)
	}
	gray := []float32{100, 50, 0}
	saturate(gray, 1, 0)
	if want := float32(redPart*100 + greenPart*50); math.Abs(float64(gray[0]-want)) > 1e-3 || gray[0] != gray[1] || gray[1] != gray[2] {
		t.Errorf("gray: %v, want %g", gray, want)
	}
}

// Blurring keeps what is even and the sum of what lies in the middle.
func TestBlur(t *testing.T) {
	kernel := gaussian(1.3)
	src, dst := make([]float32, 21*21), make([]float32, 21*21)
	for i := range src {
		src[i] = 7
	}
	smooth(dst, src, kernel, 21, 21, 1, 21)
	for _, v := range dst {
		if math.Abs(float64(v-7)) > 1e-5 {
			t.Fatalf("%g where all is 7", v)
		}
	}
	clear(src)
	src[10*21+10] = 1
	smooth(dst, src, kernel, 21, 21, 1, 21)
	smooth(src, dst, kernel, 21, 21, 21, 1)
	var sum, square float64
	for k, v := range src {
		sum, square = sum+float64(v), square+float64(v)*float64((k%21-10)*(k%21-10))
	}
	if math.Abs(sum-1) > 1e-5 || math.Abs(math.Sqrt(square)-1.3) > 0.05 || src[10*21+9] != src[9*21+10] {
		t.Errorf("a dot: sum %g, deviation %g", sum, math.Sqrt(square))
	}
}

func TestAugmentationOfASet(t *testing.T) {
	photos, glyphs := noise(3, 4, 0, 2, 2), noise(1, 4, 0, 2, 2)
	for _, test := range []struct {
		set        *Set
		kind, want string
	}{
		{photos, "", AugmentPhoto}, {photos, AugmentAuto, AugmentPhoto}, {glyphs, "", AugmentNone},
		{glyphs, AugmentViews, AugmentViews}, {photos, AugmentNone, AugmentNone},
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
		for _, kind := range []string{AugmentPhoto, AugmentGlyph, AugmentViews} {
			brush := augmenter{set: set, kind: kind, seed: 1}
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
