package graph

import (
	"math"

	"crossbatch/backbone/network"

	"gorgonia.org/gorgonia"
)

// layerNorm brings each row of x (batch × dim) to mean 0 and variance 1, then
// scales and shifts its elements.
//
//	Jimmy Lei Ba, Jamie Ryan Kiros, Geoffrey E. Hinton, Layer Normalization,
//	2016, https://arxiv.org/abs/1607.06450, equation 4.
func (b *builder) layerNorm(op network.LayerNorm, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, dim := shape[0], shape[1]
	normal := make([]float64, batch*dim) // x at mean 0 and variance 1
	inverse := make([]float64, batch)
	forward := func(dst []float32, in [][]float32) {
		for i := range batch {
			row := in[0][i*dim : (i+1)*dim]
			var m moments
			m.add(row)
			inverse[i] = 1 / math.Sqrt(m.squares/m.count+op.Epsilon)
			for j, v := range row {
				normal[i*dim+j] = (float64(v) - m.mean) * inverse[i]
				dst[i*dim+j] = float32(normal[i*dim+j]*float64(in[1][j]) + float64(in[2][j]))
			}
		}
	}
	// With x̂ the normal x, g = dy·γ and means over the row,
	// dx = (g - mean(g) - x̂·mean(g·x̂))/deviation.
	inputGradient := func(dst []float32, in [][]float32) { // of dy, γ, y
		for i := range batch {
			row := normal[i*dim : (i+1)*dim]
			var mean, along float64
			for j, n := range row {
				g := float64(in[0][i*dim+j]) * float64(in[1][j])
				mean += g / float64(dim)
				along += g * n / float64(dim)
			}
			for j, n := range row {
				g := float64(in[0][i*dim+j]) * float64(in[1][j])
				dst[i*dim+j] = float32((g - mean - n*along) * inverse[i])
			}
		}
	}
	sums := func(factor func(at int) float64) func(dst []float32, in [][]float32) { // of dy, y
		return func(dst []float32, in [][]float32) {
			for j := range dim {
				var sum float64
				for i := range batch {
					sum += float64(in[0][i*dim+j]) * factor(i*dim+j)
				}
				dst[j] = float32(sum)
			}
		}
	}
	diff := func(in gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that these come after it.
		return gorgonia.Nodes{
			b.gradient("layer norm input", x, inputGradient, grad, in[1], y),
			b.gradient("layer norm scale", in[1], sums(func(at int) float64 { return normal[at] }), grad, y),
			b.gradient("layer norm shift", in[2], sums(func(int) float64 { return 1 }), grad, y),
		}
	}
	return b.forward("layer norm", shape, diff, forward, x, b.parameter(parameters[0]), b.parameter(parameters[1]))
}
