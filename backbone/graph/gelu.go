package graph

import (
	"math"

	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// gelu is x·Φ(x), for any shape whose first dimension is the batch.
func (b *builder) gelu(x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, size := shape[0], shape.TotalSize()/shape[0]
	n := newNormal()
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			for j, v := range in[0][i*size : (i+1)*size] {
				dst[i*size+j] = v * n.below(v)
			}
		})
	}
	backward := func(dst []float32, in [][]float32) { // of dy, x
		kernel.Parallel(batch, func(i int) {
			for j, v := range in[1][i*size : (i+1)*size] {
				dst[i*size+j] = in[0][i*size+j] * (n.below(v) + v*n.density(v))
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("gelu", x, backward, grad, x)}
	}
	return b.forward("gelu", shape, diff, forward, x)
}

// normal is the normal distribution, by cubics between places whose values and
// slopes are exact: off by less than 1e-8, and many times as fast as math.Erf.
type normal struct{ values, slopes, densities, curves []float32 }

// The places are normalSteps to a unit, up to normalEnd on both sides.
const (
	normalSteps = 32
	normalEnd   = 6
)

func newNormal() *normal {
	var n normal
	for i := range 2*normalEnd*normalSteps + 2 {
		x := float64(i)/normalSteps - normalEnd
		density := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		n.values = append(n.values, float32(math.Erfc(-x/math.Sqrt2)/2))
		n.densities = append(n.densities, float32(density))
		n.slopes = append(n.slopes, float32(density/normalSteps))
		n.curves = append(n.curves, float32(-x*density/normalSteps))
	}
	return &n
}

// below is Φ(x), the chance of less than x.
func (n *normal) below(x float32) float32 {
	switch {
	case x > normalEnd:
		return 1
	case !(x >= -normalEnd):
		return x - x // 0, or NaN
	}
	return hermite(n.values, n.slopes, x)
}

// density is that at x.
func (n *normal) density(x float32) float32 {
	if !(x >= -normalEnd && x <= normalEnd) {
		return 0
	}
	return hermite(n.densities, n.curves, x)
}

// hermite is the cubic between two places that has their values and slopes.
func hermite(values, slopes []float32, x float32) float32 {
	at := (x + normalEnd) * normalSteps
	i := int(at)
	t := at - float32(i)
	v, w, s, r := values[i], values[i+1], slopes[i], slopes[i+1]
	d := w - v
	return v + t*(s+t*(3*d-2*s-r+t*(s+r-2*d)))
}
