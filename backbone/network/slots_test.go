package network

import (
	"slices"
	"testing"
)

func TestSlotsAreTakenByFit(t *testing.T) {
	var s Slots
	for _, size := range []int{10, 30, 20} {
		s.Take(size)
	}
	for slot := range 3 {
		s.Free(slot)
	}
	// The smallest that holds 15; then that holds 25; then 10 grows; then none is left.
	got := []int{s.Take(15), s.Take(25), s.Take(40), s.Take(5)}
	if !slices.Equal(got, []int{2, 1, 0, 3}) || !slices.Equal(s.Sizes, []int{40, 30, 20, 5}) {
		t.Errorf("slots %v of sizes %v", got, s.Sizes)
	}
}
