package data

import (
	"image"
	"math"
	"testing"
)

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
	set := noise(1, 32, 0, 16, 16)
	index := make([]int, 64)
	dst := make([]float32, len(index)*32*32)
	for b.Loop() {
		set.Batch(dst, index)
	}
}

func TestKeepTwiceKeepsPixelsInPlace(t *testing.T) {
	s := &Set{Channels: 1, Height: 1, Width: 1, Pixels: []uint8{10, 11, 12, 13}, Labels: []int32{0, 1, 1, 2},
		ClassNames: []string{"a", "b", "c"}, Files: []string{"0", "1", "2", "3"}}
	s.Keep([]int{1, 2, 3})
	s.Keep([]int{0, 2})
	if got := []byte{s.stored(0).Pixels[0], s.stored(1).Pixels[0]}; got[0] != 11 || got[1] != 13 || s.Files[1] != "3" || s.ClassNames[1] != "c" {
		t.Errorf("%v of %v, %v", got, s.Files, s.ClassNames)
	}
}
