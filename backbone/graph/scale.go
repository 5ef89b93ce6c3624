package graph

import (
	"gorgonia.org/gorgonia"
)

// scale multiplies each row of x (batch × dim, or batch × tokens × dim) by a
// number for each place of a row.
func (b *builder) scale(parameters []int, x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	dim := shape[len(shape)-1]
	rows := shape.TotalSize() / dim
	multiply := func(dst []float32, in [][]float32) {
		each(rows, func(from, to int) {
			for i := from; i < to; i++ {
				for j, v := range in[0][i*dim : (i+1)*dim] {
					dst[i*dim+j] = v * in[1][j]
				}
			}
		})
	}
	factorGradient := func(dst []float32, in [][]float32) { // of dy, x
		each(dim, func(from, to int) {
			var sums [somePieces]float64
			for i := range rows {
				x := in[1][i*dim+from : i*dim+to]
				for j, g := range in[0][i*dim+from : i*dim+to] {
					sums[j] += float64(g) * float64(x[j])
				}
			}
			for j := from; j < to; j++ {
				dst[j] = float32(sums[j-from])
			}
		})
	}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{
			b.gradient("scale input", x, multiply, grad, in[1]),
			b.gradient("scale factor", in[1], factorGradient, grad, x),
		}
	}
	return b.forward("scale", shape, diff, multiply, x, b.parameter(parameters[0]))
}
