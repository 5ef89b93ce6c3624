package loss

import "math"

// chebyshevTerms is enough for log(1+eᵛ) and its derivative over an interval of
// length 2: their nearest singularities are π off the real line, so each term
// more takes the error down 6.4-fold, to 1e-11 here.
const chebyshevTerms = 14

// chebyshev are numbers by the degree of Chebyshev polynomials on [-1, 1]: sums of
// the polynomials over many points, or the coefficients of a function.
type chebyshev [chebyshevTerms]float64

// add takes in one more point.
func (c *chebyshev) add(y float64) {
	before, now := 1.0, y
	c[0]++
	c[1] += y
	for k := 2; k < chebyshevTerms; k++ {
		before, now = now, 2*y*now-before
		c[k] += now
	}
}

// at is the function's value, by Clenshaw's recurrence.
func (c *chebyshev) at(y float64) float64 {
	var b1, b2 float64
	for k := chebyshevTerms - 1; k >= 1; k-- {
		b1, b2 = c[k]+2*y*b1-b2, b1
	}
	return c[0] + y*b1 - b2
}

// nodes are the points at which a function's values determine its coefficients.
func chebyshevNodes() (y [chebyshevTerms]float64) {
	for j := range y {
		y[j] = math.Cos(math.Pi * (float64(j) + 0.5) / chebyshevTerms)
	}
	return y
}

// cosines is cos(k·arccos(node j)).
func chebyshevCosines() (c [chebyshevTerms][chebyshevTerms]float64) {
	for k := range c {
		for j := range c[k] {
			c[k][j] = math.Cos(math.Pi * float64(k) * (float64(j) + 0.5) / chebyshevTerms)
		}
	}
	return c
}

// chebyshevScale is what the sums over nodes are multiplied by.
func chebyshevScale(k int) float64 {
	if k == 0 {
		return 1.0 / chebyshevTerms
	}
	return 2.0 / chebyshevTerms
}

// weights are those of the nodes that stand for the points added: Σ f(points) is
// Σ weights·f(nodes).
func (c *chebyshev) weights(cosines *[chebyshevTerms][chebyshevTerms]float64) (w [chebyshevTerms]float64) {
	for k := range c {
		for j := range w {
			w[j] += chebyshevScale(k) * c[k] * cosines[k][j]
		}
	}
	return w
}

// fit sets the coefficients of the function with these values at the nodes.
func (c *chebyshev) fit(values *[chebyshevTerms]float64, cosines *[chebyshevTerms][chebyshevTerms]float64) {
	for k := range c {
		c[k] = 0
		for j, v := range values {
			c[k] += chebyshevScale(k) * v * cosines[k][j]
		}
	}
}
