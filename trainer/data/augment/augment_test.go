package augment

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// noise is random images.
func noise(channels, side, margin, images int) []Image {
	rng := rand.New(rand.NewPCG(1, 2))
	all := make([]Image, images)
	for i := range all {
		all[i] = Image{Channels: channels, Height: side, Width: side, Margin: margin, Pixels: make([]uint8, channels*(side+2*margin)*(side+2*margin))}
		for k := range all[i].Pixels {
			all[i].Pixels[k] = uint8(rng.Uint32())
		}
	}
	return all
}

// The window of a scored image shows exactly its pixels, and mirrored, its mirror image.
func TestResampleOfTheMiddleIsTheView(t *testing.T) {
	got := make([]float32, 3*81)
	for i, m := range noise(3, 9, 2, 4) {
		m.resample(got, m.middle())
		for k, v := range got {
			c, y, x := k/81, k%81/9, k%9
			if want := m.Pixels[c*169+(y+2)*13+x+2]; v != float32(want) {
				t.Fatalf("image %d, number %d: %g, want %d", i, k, v, want)
			}
		}
		plain := slices.Clone(got)
		mirrored := m.middle()
		mirrored.mirror = true
		m.resample(got, mirrored)
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
	m := Image{Channels: 1, Height: 8, Width: 8, Margin: 1, Pixels: make([]uint8, 100)}
	for i := range m.Pixels {
		m.Pixels[i] = uint8(10*(i%10) + i/10)
	}
	got := make([]float32, 64)
	m.resample(got, window{x: 2, y: 3, width: 4, height: 6})
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
	m := Image{Channels: 3, Height: 24, Width: 24, Margin: 2}
	rng := rand.New(rand.NewPCG(1, 1))
	least, most, widest, mirrored := 1.0, 0.0, 1.0, 0
	const draws = 5000
	for range draws {
		w := m.randomWindow(rng, Span{cropLeast, 1}, Span{1 / cropRatio, cropRatio}, true)
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
		m := noise(channels, 9, 1, 1)[0]
		got, want := make([]float32, channels*81), make([]float32, channels*81)
		m.warp(got, Bounds{}.draw(rng, m))
		m.resample(want, m.middle())
		for k := range got {
			if math.Abs(float64(got[k]-want[k])) > 1e-3 {
				t.Fatalf("number %d: %g, want %g", k, got[k], want[k])
			}
		}
	}
	dot := Image{Channels: 1, Height: 33, Width: 33, Pixels: make([]uint8, 33*33)}
	dot.Pixels[20*33+10] = 255
	for range 200 {
		m := Mild().draw(rng, dot)
		got := make([]float32, 33*33)
		dot.warp(got, m)
		var sum, x, y float64
		for k, v := range got {
			sum, x, y = sum+float64(v), x+float64(v)*float64(k%33), y+float64(v)*float64(k/33)
		}
		if sum == 0 {
			continue
		}
		// Where the dot is seen is mapped to where it lies.
		at := m.Apply(Point{float32(x / sum), float32(y / sum)})
		if math.Abs(float64(at.X)-10) > 0.6 || math.Abs(float64(at.Y)-20) > 0.6 {
			t.Errorf("the dot is seen at (%.2f, %.2f), which shows (%.2f, %.2f)", x/sum, y/sum, at.X, at.Y)
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

func TestParse(t *testing.T) {
	for _, name := range Names() {
		a, err := Parse(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		kind, _, _ := strings.Cut(name, ":")
		if plain, err := Parse(kind); err != nil || plain != a {
			t.Errorf("%s is not %s: %+v, %+v (%v)", kind, name, plain, a, err)
		}
	}
	if a, err := Parse(""); err != nil || a.Kind != Auto {
		t.Errorf("nothing: %+v, %v", a, err)
	}
	for text, message := range map[string]string{
		"photo:zoom=2":       "there is no parameter zoom",
		"photo:scale=1..0.2": "the lower first",
		"photo:scale=0.5..2": "at most 1",
		"photo:erase=2":      "give a value from 0 to 1",
		"none:flip=true":     "it has none",
		"mixup":              "known are auto, none, photo, glyph, views",
		"photo:scale":        "write name=value",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: %v, want %q", text, err, message)
		}
	}
}

// Each parameter does what it says to an image, and nothing where it is 0.
func TestParameters(t *testing.T) {
	m := noise(3, 24, 0, 1)[0]
	view := func(text string, seed uint64) []float32 {
		a, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]float32, 3*24*24)
		(&Brush{Augmentation: a}).View(dst, m, rand.New(rand.NewPCG(seed, 0)))
		return dst
	}
	const whole = "photo:scale=1,ratio=1,flip=false"
	plain := view(whole, 1)
	for k, v := range plain {
		if v != float32(m.Pixels[k]) {
			t.Fatal("the whole image is not itself")
		}
	}
	mirrored, bright, dark := 0, 0, 0
	for seed := range uint64(200) {
		if got := view(whole+",erase=0,gray=0,blur=0", seed); !slices.Equal(got, plain) {
			t.Fatal("probabilities of 0 change an image")
		}
		if !slices.Equal(view("photo:scale=1,ratio=1", seed), plain) {
			mirrored++
		}
		// Brightness 0.5 multiplies all by one number of 0.5 to 1.5, and ends at 255.
		got := view(whole+",brightness=0.5", seed)
		factor := got[slices.Index(m.Pixels, 100)] / 100
		for k, v := range got {
			if want := min(factor*plain[k], 255); math.Abs(float64(v-want)) > 1e-2 {
				t.Fatalf("brightness: %g of %g by %g", v, plain[k], factor)
			}
		}
		if factor > 1.4 && factor <= 1.5 {
			bright++
		}
		if factor < 0.6 && factor >= 0.5 {
			dark++
		}
		gray := view(whole+",gray=1", seed)
		if gray[5] != gray[24*24+5] || math.Abs(float64(gray[5]-grayOf(plain, 24*24, 5))) > 1e-3 {
			t.Fatal("gray is not gray")
		}
	}
	if mirrored < 70 || mirrored > 130 || bright < 10 || dark < 10 {
		t.Errorf("of 200, %d are mirrored, %d bright, %d dark", mirrored, bright, dark)
	}
}

// A rectangle of the area and shape of the paper is erased, with random numbers, in so many
// of the views.
func TestErase(t *testing.T) {
	const side = 64
	m := Image{Channels: 3, Height: side, Width: side, Pixels: bytes.Repeat([]byte{7}, 3*side*side)}
	a, err := Parse("photo:scale=1,ratio=1,flip=false,erase=0.5")
	if err != nil {
		t.Fatal(err)
	}
	brush, dst := Brush{Augmentation: a}, make([]float32, 3*side*side)
	erased, least, most := 0, 1.0, 0.0
	for seed := range uint64(400) {
		brush.View(dst, m, rand.New(rand.NewPCG(seed, 1)))
		left, top, right, bottom, changed := side, side, -1, -1, 0
		for k, v := range dst[:side*side] {
			if v != 7 {
				x, y := k%side, k/side
				left, top, right, bottom = min(left, x), min(top, y), max(right, x), max(bottom, y)
				changed++
			}
		}
		if changed == 0 {
			continue
		}
		erased++
		height, width := bottom-top+1, right-left+1
		if changed < height*width-2 { // one of them may be 7 by chance
			t.Fatalf("%d numbers of a rectangle of %d × %d", changed, height, width)
		}
		area, ratio := float64(height*width)/(side*side), float64(height)/float64(width)
		least, most = min(least, area), max(most, area)
		if area > 0.4 || area < 0.012 || ratio < 0.2 || ratio > 5 { // whole pixels
			t.Errorf("a rectangle of %d × %d", height, width)
		}
	}
	if erased < 160 || erased > 240 || least > 0.04 || most < 0.35 {
		t.Errorf("%d of 400 erased, of areas from %.3f to %.3f", erased, least, most)
	}
}
