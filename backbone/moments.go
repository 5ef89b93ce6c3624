package backbone

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
	mean := float64(sum(x)) / n
	squares := float64(squaredDeviations(x, float32(mean)))
	delta, count := mean-m.mean, m.count+n
	m.squares += squares + delta*delta*m.count*n/count
	m.mean += delta * n / count
	m.count = count
}

// sum adds x up, in four interleaved sums: a single one would wait for each
// addition before the next.
func sum(x []float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 4; x = x[4:] {
		a += x[0]
		b += x[1]
		c += x[2]
		d += x[3]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}

// squaredDeviations adds up (x-mean)².
func squaredDeviations(x []float32, mean float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 4; x = x[4:] {
		p, q, r, s := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		a += p * p
		b += q * q
		c += r * r
		d += s * s
	}
	for _, v := range x {
		a += (v - mean) * (v - mean)
	}
	return (a + b) + (c + d)
}

// sumAndDeviation adds up g, and g·(x-mean); both slices have one length.
func sumAndDeviation(g, x []float32, mean float32) (total, deviation float32) {
	var a, b, p, q float32
	for ; len(g) >= 2 && len(x) >= 2; g, x = g[2:], x[2:] {
		a += g[0]
		b += g[1]
		p += g[0] * (x[0] - mean)
		q += g[1] * (x[1] - mean)
	}
	for i, v := range g {
		a += v
		p += v * (x[i] - mean)
	}
	return a + b, p + q
}
