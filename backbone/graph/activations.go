package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// relu is max(x, 0), for any shape whose first dimension is the batch. Its
// gradient at 0 is 0.
func (b *builder) relu(x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, size := shape[0], shape.TotalSize()/shape[0]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			arithmetic.Rectify(dst[i*size:(i+1)*size], in[0][i*size:(i+1)*size])
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			arithmetic.Rectified(dst[i*size:(i+1)*size], in[0][i*size:(i+1)*size], in[1][i*size:(i+1)*size])
		})
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("relu", x, backward, grad, y)}
	}
	return b.like(x, b.forward("relu", shape, diff, forward, x))
}

// pointwise is a function of each number of x, of any shape whose first dimension
// is the batch, with its slope.
func (b *builder) pointwise(name string, x *gorgonia.Node, value, slope func(float32) float32) *gorgonia.Node {
	shape := x.Shape()
	batch, size := shape[0], shape.TotalSize()/shape[0]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			for j, v := range in[0][i*size : (i+1)*size] {
				dst[i*size+j] = value(v)
			}
		})
	}
	backward := func(dst []float32, in [][]float32) { // of dy, x
		kernel.Parallel(batch, func(i int) {
			for j, v := range in[1][i*size : (i+1)*size] {
				dst[i*size+j] = in[0][i*size+j] * slope(v)
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient(name, x, backward, grad, x)}
	}
	return b.like(x, b.forward(name, shape, diff, forward, x))
}

// gelu is x·Φ(x).
func (b *builder) gelu(x *gorgonia.Node) *gorgonia.Node {
	n := newNormal()
	return b.pointwise("gelu", x,
		func(v float32) float32 { return v * n.below(v) },
		func(v float32) float32 { return n.below(v) + v*n.density(v) })
}

// hardSigmoid is (x+3)/6 within 0 and 1; its slope at the ends is 0.
func (b *builder) hardSigmoid(x *gorgonia.Node) *gorgonia.Node {
	return b.pointwise("hard sigmoid", x, sixth, func(v float32) float32 {
		if v > -3 && v < 3 {
			return 1. / 6
		}
		return 0
	})
}

// hardSwish is x·hardSigmoid(x).
func (b *builder) hardSwish(x *gorgonia.Node) *gorgonia.Node {
	return b.pointwise("hard swish", x,
		func(v float32) float32 { return v * sixth(v) },
		func(v float32) float32 {
			switch {
			case v <= -3:
				return 0
			case v >= 3:
				return 1
			}
			return v/3 + 0.5
		})
}

func sixth(v float32) float32 { return min(max(v+3, 0), 6) / 6 }
