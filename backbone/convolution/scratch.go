package convolution

import "sync"

// Scratch lends buffers to pieces of work that run side by side. It keeps as many as
// were ever out at once. The zero value is ready; it is safe for concurrent use.
type Scratch struct {
	mu   sync.Mutex
	free [][]float32
}

// Take returns n numbers of any content, in the smallest buffer that holds them.
// Give them back with Put.
func (s *Scratch) Take(n int) []float32 {
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

// Put gives a buffer back.
func (s *Scratch) Put(buffer []float32) {
	s.mu.Lock()
	s.free = append(s.free, buffer)
	s.mu.Unlock()
}
