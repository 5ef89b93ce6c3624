package xbm

import "math"

// moments are the sums over rows and over their squares, by dimension, kept as
// rows come and go.
type moments struct {
	count         int
	first, second []float64
}

func newMoments(dim int) moments {
	return moments{first: make([]float64, dim), second: make([]float64, dim)}
}

// add takes rows in, which lie one after the other.
func (s *moments) add(rows []float32) {
	dim := len(s.first)
	for i := 0; i < len(rows); i += dim {
		s.count++
		s.times(rows[i:i+dim], 1)
	}
}

// drop takes a row out.
func (s *moments) drop(row []float32) {
	s.count--
	s.times(row, -1)
}

func (s *moments) times(row []float32, sign float64) {
	for k, x := range row {
		v := float64(x)
		s.first[k] += sign * v
		s.second[k] += sign * v * v
	}
}

func (s *moments) reset() {
	s.count = 0
	clear(s.first)
	clear(s.second)
}

// of is the mean and the standard deviation of a dimension.
func (s *moments) of(k int) (mean, deviation float64) {
	n := float64(max(1, s.count))
	mean = s.first[k] / n
	return mean, math.Sqrt(max(0, s.second[k]/n-mean*mean))
}
