package loss

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/pair"
)

// smoothNegatives is how the smooth triplet loss avoids looking at every triplet.
// Over all triplets of an anchor it needs Σₙ f(d(a,p)+margin-x) for each positive,
// x running over the negatives' distances, and the same over the positives for
// each negative. Both are smooth functions on an interval of length 2, so the
// negatives are reduced to the sums of a few polynomials, exact to 1e-11.
type smoothNegatives struct {
	moments  chebyshev // of the negatives
	push     chebyshev // Σ over the positives of ∂loss/∂v, as a function of x
	count    int
	interval float64 // its middle
}

// foldSmooth takes in a row's negatives. Triplets that a miner chose have no such
// form and are taken one by one.
func (l *Triplet) foldSmooth(a *tripletAnchor, r *pair.Row) {
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		x := r.Apart(l.Euclidean, c, s)
		if r.Partners == nil {
			a.smooth.moments.add(x - a.smooth.interval)
			a.smooth.count++
			a.nNeg++
			continue
		}
		before := a.triplets
		chosen(r, c, func(rank int) {
			v := a.aparts[rank] + l.Margin - x
			a.value += softplus(v)
			a.pull[rank] += sigmoid(v)
			a.triplets++
		})
		if a.triplets > before {
			a.nNeg++
		}
	}
}

// chosen calls visit with the rank of each positive that a miner chose to stand
// with the negative at column c.
func chosen(r *pair.Row, c int, visit func(rank int)) {
	list, lo, hi := r.Partners.Partners(r, c)
	for k := lo; k < hi; k++ {
		if list != nil {
			visit(int(list[k]))
		} else {
			visit(k)
		}
	}
}

// endSmooth works out the anchor's loss over all its triplets.
func (l *Triplet) endSmooth(a *tripletAnchor) {
	if a.smooth.count == 0 {
		return
	}
	cosines, nodes := chebyshevCosines(), chebyshevNodes()
	weights := a.smooth.moments.weights(&cosines)
	var push [chebyshevTerms]float64
	for rank, x := range a.aparts {
		for j, y := range nodes {
			v := x + l.Margin - (a.smooth.interval + y)
			slope := sigmoid(v)
			a.value += weights[j] * softplus(v)
			a.pull[rank] += weights[j] * slope
			push[j] += slope
		}
	}
	a.smooth.push.fit(&push, &cosines)
	a.triplets += len(a.pos) * a.smooth.count
}

func (l *Triplet) weighSmooth(w []float32, a *tripletAnchor, r *pair.Row) {
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		x := r.Apart(l.Euclidean, c, s)
		var push float64
		if r.Partners == nil {
			push = a.smooth.push.at(x - a.smooth.interval)
		} else {
			chosen(r, c, func(rank int) { push += sigmoid(a.aparts[rank] + l.Margin - x) })
		}
		w[c] = float32(-l.scale * push * apart.Slope(l.Euclidean, x))
	}
}

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
