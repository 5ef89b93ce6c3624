package graph

import (
	"math"

	"crossbatch/backbone/network"

	"gorgonia.org/gorgonia"
)

// normalize brings each row of x (batch × dim, or more dimensions, which are read
// as one) to unit length. A row of zeros
// has no direction: it stays zero, and gets no gradient.
func (b *builder) normalize(x *gorgonia.Node) *gorgonia.Node {
	batch, dim := x.Shape()[0], network.Elements(x.Shape()[1:])
	shape := []int{batch, dim}
	inverse := make([]float64, batch) // 1/‖row‖, 0 for a row of zeros
	forward := func(dst []float32, in [][]float32) {
		for i := range batch {
			row := in[0][i*dim : (i+1)*dim]
			var square float64
			for _, v := range row {
				square += float64(v) * float64(v)
			}
			inverse[i] = 0
			if square != 0 {
				inverse[i] = 1 / math.Sqrt(square)
			}
			for j, v := range row {
				dst[i*dim+j] = float32(float64(v) * inverse[i])
			}
		}
	}
	// dx = (dy - (dy·y)y)/‖x‖
	backward := func(dst []float32, in [][]float32) {
		for i := range batch {
			g, y := in[0][i*dim:(i+1)*dim], in[1][i*dim:(i+1)*dim]
			var radial float64
			for j, v := range y {
				radial += float64(g[j]) * float64(v)
			}
			for j, v := range y {
				dst[i*dim+j] = float32((float64(g[j]) - radial*float64(v)) * inverse[i])
			}
		}
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("normalize", x, backward, grad, y)}
	}
	return b.forward("normalize", shape, diff, forward, x)
}
