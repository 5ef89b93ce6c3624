package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// sum is y + s, of one shape, with rectify max(y + s, 0).
func (b *builder) sum(y, s *gorgonia.Node, rectify bool) *gorgonia.Node {
	if b.side[y] || b.side[s] {
		y, s = b.pixels(y), b.pixels(s)
	}
	shape := y.Shape()
	size := shape.TotalSize()
	// pieces calls f for parts of the arrays that stay in the first cache.
	pieces := func(f func(from, to int)) {
		const piece = 4096
		kernel.Parallel(kernel.Blocks(size, piece), func(p int) { f(p*piece, min(size, (p+1)*piece)) })
	}
	forward := func(dst []float32, in [][]float32) {
		pieces(func(from, to int) {
			arithmetic.Combine(dst[from:to], in[0][from:to], in[1][from:to], 1, 1, 0, 0)
			if rectify {
				arithmetic.Rectify(dst[from:to], dst[from:to])
			}
		})
	}
	where := func(dst []float32, in [][]float32) { // of dy, y
		pieces(func(from, to int) { arithmetic.Rectified(dst[from:to], in[0][from:to], in[1][from:to]) })
	}
	diff := func(_ gorgonia.Nodes, out, grad *gorgonia.Node) gorgonia.Nodes {
		if rectify {
			grad = b.gradient("sum", out, where, grad, out)
		}
		return gorgonia.Nodes{grad, grad}
	}
	return b.like(y, b.forward("sum", shape, diff, forward, y, s))
}
