package data

import (
	"image"
	"math"
	"testing"
)

// verify checks what the fields of a Set promise.
func verify(t *testing.T, set *Set) {
	t.Helper()
	size := set.Channels * set.Height * set.Width
	if len(set.Pixels) != set.Len()*size {
		t.Fatalf("%d pixels for %d images of %d", len(set.Pixels), set.Len(), size)
	}
	for i, label := range set.Labels {
		switch {
		case i == 0 && label != 0, i > 0 && label != set.Labels[i-1] && label != set.Labels[i-1]+1:
			t.Fatalf("image %d: label %d: classes do not stand together in order", i, label)
		}
	}
	if n := set.Len(); n > 0 && int(set.Labels[n-1]) != set.Classes()-1 {
		t.Fatalf("last label %d, %d classes", set.Labels[n-1], set.Classes())
	}
	names := make(map[string]bool)
	for _, name := range set.ClassNames {
		if names[name] {
			t.Errorf("two classes %q", name)
		}
		names[name] = true
	}
}

func classSizes(set *Set) []int {
	sizes := make([]int, set.Classes())
	for _, label := range set.Labels {
		sizes[label]++
	}
	return sizes
}

// tiny has two images of 1 × 2 × 2.
func tiny() *Set {
	return &Set{
		Channels: 1, Height: 2, Width: 2,
		Pixels: []uint8{0, 51, 102, 255, 255, 0, 0, 0},
		Labels: []int32{0, 1}, ClassNames: []string{"a", "b"},
	}
}

func TestBatch(t *testing.T) {
	got := make([]float32, 12)
	tiny().Batch(got, []int{1, 0, 1})
	// (v/255 - 0.06) / 0.2
	want := []float32{4.7, -0.3, -0.3, -0.3, -0.3, 0.7, 1.7, 4.7, 4.7, -0.3, -0.3, -0.3}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-5 {
			t.Errorf("value %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestBatchIsStandardised(t *testing.T) {
	set := load(t, "glyphs-small")
	index := make([]int, set.Len())
	for i := range index {
		index[i] = i
	}
	values := make([]float32, len(set.Pixels))
	set.Batch(values, index)
	var sum, squares float64
	for _, v := range values {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	mean := sum / float64(len(values))
	deviation := math.Sqrt(squares/float64(len(values)) - mean*mean)
	// The constants are rounded and belong to the larger set.
	if math.Abs(mean) > 0.1 || math.Abs(deviation-1) > 0.15 {
		t.Errorf("mean %.3f, deviation %.3f", mean, deviation)
	}
}

func TestBatchPanicsOnShape(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for a dst that is too short")
		}
	}()
	tiny().Batch(make([]float32, 7), []int{0, 1})
}

func TestImage(t *testing.T) {
	set := tiny()
	gray := set.Image(1).(*image.RGBA)
	if gray.Bounds() != image.Rect(0, 0, 2, 2) || gray.RGBAAt(0, 0).G != 255 || gray.RGBAAt(1, 1).G != 0 {
		t.Errorf("image 1: %v", gray)
	}
	set = &Set{Channels: 3, Height: 1, Width: 2, Pixels: []uint8{1, 2, 3, 4, 5, 6}, Labels: []int32{0}}
	if c := set.Image(0).(*image.RGBA).RGBAAt(1, 0); c.R != 2 || c.G != 4 || c.B != 6 || c.A != 255 {
		t.Errorf("colour image: %v", c)
	}
}

func BenchmarkBatch(b *testing.B) {
	set := load(b, "glyphs-small")
	index := make([]int, 64)
	dst := make([]float32, len(index)*glyphArea)
	for b.Loop() {
		set.Batch(dst, index)
	}
}
