package network

import (
	"math"
	"testing"
)

// Positions of the size that was learnt are taken as they are, others by weights
// that add up to one, those of PyTorch's interpolate(mode="bicubic").
func TestPositions(t *testing.T) {
	same := Positions{Side: 3, Height: 3, Width: 3}.Matrix()
	for i, v := range same {
		if want := i/10 == i%10; (v == 1) != want || !want && v != 0 {
			t.Fatalf("row %d, column %d: %g", i/10, i%10, v)
		}
	}
	other := Positions{Side: 4, Height: 3, Width: 7}.Matrix()
	for row := range 22 {
		var sum float64
		for _, v := range other[row*17 : (row+1)*17] {
			sum += float64(v)
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("row %d adds up to %g", row, sum)
		}
	}
	// torch.nn.functional.interpolate of 0, 1, 4, 9 to three (PyTorch 1.13).
	for i, want := range []float64{0.09143518518518678, 2.125, 8.334490740740742} {
		var got float64
		for j, w := range cubics(4, 3)[i] {
			got += w * float64(j*j)
		}
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("place %d: %g, want %g", i, got, want)
		}
	}
}
