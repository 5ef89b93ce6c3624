package data

import "testing"

// It is what Batch does, to the bit.
func TestNormalization(t *testing.T) {
	for _, channels := range []int{1, 3} {
		s := &Set{Channels: channels, Height: 1, Width: 256, Labels: []int32{0}, ClassNames: []string{"all"}}
		for range channels {
			for v := range 256 {
				s.Pixels = append(s.Pixels, uint8(v))
			}
		}
		got := make([]float32, channels*256)
		s.Batch(got, []int{0})
		mean, deviation := s.Normalization()
		for i, v := range got {
			c := i / 256
			if want := (float32(i%256)*(1.0/255) - mean[c]) * (1 / deviation[c]); v != want {
				t.Fatalf("channel %d, %d: %g, want %g", c, i%256, v, want)
			}
		}
	}
	s := &Set{Channels: 1, Height: 1, Width: 2, Features: []float32{1, 2}}
	if mean, deviation := s.Normalization(); mean != nil || deviation != nil {
		t.Errorf("features: %v %v", mean, deviation)
	}
}
