package network

import "slices"

// Slots are buffers that values take turns in. The zero value has none.
type Slots struct {
	Sizes []int // the numbers of an image that each holds
	free  []int
}

// Add makes a slot for size numbers, and returns its number.
func (s *Slots) Add(size int) int {
	s.Sizes = append(s.Sizes, size)
	return len(s.Sizes) - 1
}

// Take returns a free slot for size numbers: the smallest that is large enough, or else the
// largest, which grows, or else a new one.
func (s *Slots) Take(size int) int {
	best := -1
	for k, slot := range s.free {
		if best < 0 {
			best = k
			continue
		}
		have, found := s.Sizes[slot], s.Sizes[s.free[best]]
		if have >= size && (found < size || have < found) || have < size && have > found {
			best = k
		}
	}
	if best < 0 {
		return s.Add(size)
	}
	slot := s.free[best]
	s.free = slices.Delete(s.free, best, best+1)
	s.Sizes[slot] = max(s.Sizes[slot], size)
	return slot
}

// Free gives a slot back.
func (s *Slots) Free(slot int) { s.free = append(s.free, slot) }
