package backbone

import "sync"

// scratch lends buffers to the pieces of one operation that run side by side.
// It keeps as many as were ever out at once. The zero value is ready; it is
// safe for concurrent use.
type scratch struct {
	mu   sync.Mutex
	free [][]float32
}

// take returns n numbers of any content. Give them back with put.
func (s *scratch) take(n int) []float32 {
	s.mu.Lock()
	var buffer []float32
	if last := len(s.free) - 1; last >= 0 {
		buffer, s.free = s.free[last], s.free[:last]
	}
	s.mu.Unlock()
	if cap(buffer) < n {
		buffer = make([]float32, n)
	}
	return buffer[:n]
}

func (s *scratch) put(buffer []float32) {
	s.mu.Lock()
	s.free = append(s.free, buffer)
	s.mu.Unlock()
}
