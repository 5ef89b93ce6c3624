package data

import (
	"slices"
	"testing"
)

func TestFingerprintTellsSetsApart(t *testing.T) {
	original := func() *Set {
		return &Set{Channels: 1, Height: 1, Width: 2, Labels: []int32{0, 0, 1}, ClassNames: []string{"a", "b"}, Pixels: []uint8{1, 2, 3, 4, 5, 6}, places: []int32{0, 1, 2}}
	}
	seen := []string{original().Fingerprint()}
	if again := original().Fingerprint(); again != seen[0] {
		t.Errorf("%s, then %s", seen[0], again)
	}
	for _, change := range []func(*Set){
		func(s *Set) { s.Pixels[5] = 7 },
		func(s *Set) { s.Labels[1] = 1 },
		func(s *Set) { s.ClassNames[1] = "c" },
		func(s *Set) { s.ClassNames = []string{"ab", ""} },
		func(s *Set) { s.Height, s.Width = 2, 1 },
		func(s *Set) { s.places = []int32{1, 0, 2} },
		func(s *Set) { s.Labels, s.Pixels = s.Labels[:2], s.Pixels[:4] },
		func(s *Set) { s.Pixels, s.Features = nil, []float32{1, 2, 3, 4, 5, 6} },
		func(s *Set) { s.Pixels, s.Features = nil, []float32{1, 2, 3, 4, 5, 7} },
	} {
		s := original()
		change(s)
		f := s.Fingerprint()
		if slices.Contains(seen, f) {
			t.Errorf("%s stands for two sets", f)
		}
		seen = append(seen, f)
	}
}
