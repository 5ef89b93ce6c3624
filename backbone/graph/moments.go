package graph

import "crossbatch/backbone/arithmetic"

// moments is the count, mean and sum of squared deviations of numbers that come
// in parts. The zero value is that of none.
//
//	Tony F. Chan, Gene H. Golub, Randall J. LeVeque, Updating Formulae and a
//	Pairwise Algorithm for Computing Sample Variances, Stanford STAN-CS-79-773,
//	1979, equation 2.1.
type moments struct {
	count, mean, squares float64
}

// add takes in a part, x, which it reads twice: short enough for the cache, it
// comes from memory once.
func (m *moments) add(x []float32) {
	n := float64(len(x))
	mean := float64(arithmetic.Sum(x)) / n
	m.merge(n, mean, float64(arithmetic.SquaredDeviations(x, float32(mean))))
}

// merge takes in the moments of a part.
func (m *moments) merge(n, mean, squares float64) {
	delta, count := mean-m.mean, m.count+n
	m.squares += squares + delta*delta*m.count*n/count
	m.mean += delta * n / count
	m.count = count
}
