package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// positions adds to each of x (batch × tokens × dim) rows that are learnt, or what
// is interpolated from them: a product with a matrix that never changes.
func (b *builder) positions(op network.Positions, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, tokens, dim, learnt := shape[0], shape[1], shape[2], 1+op.Side*op.Side
	m := kernel.Mat{Data: op.Matrix(), Stride: learnt}
	rows := make([]float32, tokens*dim)
	forward := func(dst []float32, in [][]float32) {
		kernel.Gemm(tokens, dim, learnt, 1, m, kernel.Mat{Data: in[1], Stride: dim}, 0, kernel.Mat{Data: rows, Stride: dim})
		kernel.Parallel(batch, func(i int) {
			at, end := i*tokens*dim, (i+1)*tokens*dim
			arithmetic.Combine(dst[at:end], in[0][at:end], rows, 1, 1, 0, 0)
		})
	}
	backward := func(dst []float32, in [][]float32) {
		clear(rows)
		for i := range batch {
			kernel.Axpy(rows, 1, in[0][i*tokens*dim:(i+1)*tokens*dim])
		}
		turned := m
		turned.Trans = true
		kernel.Gemm(learnt, dim, tokens, 1, turned, kernel.Mat{Data: rows, Stride: dim}, 0, kernel.Mat{Data: dst, Stride: dim})
	}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{grad, b.gradient("positions", in[1], backward, grad)}
	}
	return b.forward("positions", shape, diff, forward, x, b.parameter(parameters[0]))
}
