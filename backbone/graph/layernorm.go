package graph

import (
	"math"

	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// layerNorm brings each row of x (batch × dim, or batch × tokens × dim) to mean 0
// and variance 1, then scales and shifts its elements.
//
//	Jimmy Lei Ba, Jamie Ryan Kiros, Geoffrey E. Hinton, Layer Normalization,
//	2016, https://arxiv.org/abs/1607.06450, equation 4.
func (b *builder) layerNorm(op network.LayerNorm, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	dim := shape[len(shape)-1]
	rows := shape.TotalSize() / dim
	n := &rowNormalizer{rows: rows, dim: dim, epsilon: op.Epsilon, mean: make([]float64, rows), inverse: make([]float64, rows)}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{
			b.gradient("layer norm input", x, n.inputGradient, grad, in[1], x),
			b.gradient("layer norm scale", in[1], n.scaleGradient, grad, x),
			b.gradient("layer norm shift", in[2], n.shiftGradient, grad),
		}
	}
	return b.forward("layer norm", shape, diff, n.forward, x, b.parameter(parameters[0]), b.parameter(parameters[1]))
}

// rowNormalizer is a layerNorm for one batch size.
type rowNormalizer struct {
	rows, dim     int
	epsilon       float64
	mean, inverse []float64 // of the rows; inverse is 1/deviation
}

// somePieces are the rows, or the columns, that one goroutine has at a time.
const somePieces = 32

// each calls f for each range of what there are n of, side by side.
func each(n int, f func(from, to int)) {
	kernel.Parallel(kernel.Blocks(n, somePieces), func(p int) {
		f(p*somePieces, min(n, (p+1)*somePieces))
	})
}

func (n *rowNormalizer) forward(dst []float32, in [][]float32) {
	each(n.rows, func(from, to int) {
		for i := from; i < to; i++ {
			row, out := in[0][i*n.dim:(i+1)*n.dim], dst[i*n.dim:(i+1)*n.dim]
			var m moments
			m.add(row)
			n.mean[i], n.inverse[i] = m.mean, 1/math.Sqrt(m.squares/m.count+n.epsilon)
			for j, v := range row {
				normal := (float64(v) - m.mean) * n.inverse[i]
				out[j] = float32(normal*float64(in[1][j]) + float64(in[2][j]))
			}
		}
	})
}

// inputGradient stores dL/dx, given dL/dy, γ and x. With x̂ the normal x, g = dy·γ
// and means over the row,
//
//	dx = (g - mean(g) - x̂·mean(g·x̂))/deviation.
func (n *rowNormalizer) inputGradient(dst []float32, in [][]float32) {
	each(n.rows, func(from, to int) {
		for i := from; i < to; i++ {
			dy, x := in[0][i*n.dim:(i+1)*n.dim], in[2][i*n.dim:(i+1)*n.dim]
			var mean, along float64
			for j, v := range x {
				g := float64(dy[j]) * float64(in[1][j])
				mean += g / float64(n.dim)
				along += g * ((float64(v) - n.mean[i]) * n.inverse[i]) / float64(n.dim)
			}
			for j, v := range x {
				g := float64(dy[j]) * float64(in[1][j])
				dst[i*n.dim+j] = float32((g - mean - (float64(v)-n.mean[i])*n.inverse[i]*along) * n.inverse[i])
			}
		}
	})
}

// scaleGradient stores dL/dγ, given dL/dy and x.
func (n *rowNormalizer) scaleGradient(dst []float32, in [][]float32) {
	n.sums(dst, in[0], func(i int, sums []float64, dy []float32, from int) {
		x := in[1][i*n.dim+from:]
		for j, g := range dy {
			sums[j] += float64(g) * ((float64(x[j]) - n.mean[i]) * n.inverse[i])
		}
	})
}

// shiftGradient stores dL/dβ, given dL/dy.
func (n *rowNormalizer) shiftGradient(dst []float32, in [][]float32) {
	n.sums(dst, in[0], func(_ int, sums []float64, dy []float32, _ int) {
		for j, g := range dy {
			sums[j] += float64(g)
		}
	})
}

// sums stores for each column what add adds up, row by row: it gets a row of dL/dy
// from a column on.
func (n *rowNormalizer) sums(dst, dy []float32, add func(row int, sums []float64, dy []float32, from int)) {
	each(n.dim, func(from, to int) {
		var sums [somePieces]float64
		for i := range n.rows {
			add(i, sums[:to-from], dy[i*n.dim+from:i*n.dim+to], from)
		}
		for j, sum := range sums[:to-from] {
			dst[from+j] = float32(sum)
		}
	})
}
