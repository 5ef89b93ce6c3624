package kernel

import (
	"math"
	"math/rand/v2"
)

// product is a random product, its operands in slices that end with their last
// element and hold NaN between their rows.
type product struct {
	m, n, k     int
	alpha, beta float32
	a, b, c     Mat
}

func randomProduct(rng *rand.Rand, m, n, k int) product {
	factors := []float32{0, 1, -0.5, 3}
	p := product{
		m: m, n: n, k: k,
		alpha: factors[rng.IntN(4)], beta: factors[rng.IntN(4)],
		a: randomMat(rng, m, k, rng.IntN(2) > 0),
		b: randomMat(rng, k, n, rng.IntN(2) > 0),
		c: randomMat(rng, m, n, false),
	}
	if p.beta == 0 {
		for i := range p.c.Data {
			p.c.Data[i] = nan
		}
	}
	return p
}

var nan = float32(math.NaN())

func randomMat(rng *rand.Rand, rows, cols int, trans bool) Mat {
	if trans {
		rows, cols = cols, rows
	}
	x := Mat{Stride: cols + rng.IntN(3)*rng.IntN(20), Trans: trans}
	if rows == 0 || cols == 0 {
		return x
	}
	x.Data = randomFloats(rng, (rows-1)*x.Stride+cols)
	for i := range x.Data {
		if i%x.Stride >= cols {
			x.Data[i] = nan
		}
	}
	return x
}

// copyC is p.c in a copy, so that p can be computed again.
func (p product) copyC() Mat {
	return Mat{Data: append([]float32(nil), p.c.Data...), Stride: p.c.Stride}
}

// plain is the twin: three loops in float64. It stores the product in sum and
// the sum of the magnitudes of its terms in size, both m×n without gaps.
func (p product) plain() (sum, size []float64) {
	at := func(x Mat, i, j int) float64 {
		if x.Trans {
			i, j = j, i
		}
		return float64(x.Data[i*x.Stride+j])
	}
	for i := range p.m {
		for j := range p.n {
			var s, z float64
			for l := range p.k {
				term := float64(p.alpha) * at(p.a, i, l) * at(p.b, l, j)
				s += term
				z += math.Abs(term)
			}
			if p.beta != 0 {
				old := float64(p.beta) * at(p.c, i, j)
				s += old
				z += math.Abs(old)
			}
			sum, size = append(sum, s), append(size, z)
		}
	}
	return sum, size
}

// differs returns the first element of got that is farther from the twin than
// rounding explains, or that lies outside the matrix and has changed.
func (p product) differs(got Mat) (i, j int, differs bool) {
	// Each of the k products and additions, the two factors and the additions
	// of blocks rounds by at most 2^-24 of the magnitudes added so far.
	tolerance := float64(2*p.k+8) * 0x1p-24
	sum, size := p.plain()
	for x, v := range got.Data {
		i, j := x/got.Stride, x%got.Stride
		if j >= p.n {
			if math.Float32bits(v) != math.Float32bits(p.c.Data[x]) {
				return i, j, true
			}
			continue
		}
		at := i*p.n + j
		if !(math.Abs(float64(v)-sum[at]) <= tolerance*size[at]) {
			return i, j, true
		}
	}
	return 0, 0, false
}
