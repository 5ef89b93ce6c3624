package graph

import "sync"

// Scratch lends buffers to the pieces of one operation that run side by side.
// It keeps as many as were ever out at once. The zero value is ready; it is
// safe for concurrent use.
type Scratch struct {
	mu   sync.Mutex
	free [][]float32
}

// take returns n numbers of any content, in the smallest buffer that holds them.
// Give them back with put.
func (s *Scratch) take(n int) []float32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	best := -1
	for i, b := range s.free {
		if cap(b) >= n && (best < 0 || cap(b) < cap(s.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]float32, n)
	}
	last := len(s.free) - 1
	buffer := s.free[best]
	s.free[best], s.free = s.free[last], s.free[:last]
	return buffer[:n]
}

func (s *Scratch) put(buffer []float32) {
	s.mu.Lock()
	s.free = append(s.free, buffer)
	s.mu.Unlock()
}
