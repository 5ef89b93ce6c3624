package graph

import (
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// concat is the channels of images of one size (batch × channels × height × width
// each), one after the other.
func (b *builder) concat(x []*gorgonia.Node) *gorgonia.Node {
	batch, sizes, total, shape := x[0].Shape()[0], make([]int, len(x)), 0, x[0].Shape().Clone()
	shape[1] = 0
	for k, n := range x {
		sizes[k] = n.Shape().TotalSize() / batch
		shape[1] += n.Shape()[1]
		total += sizes[k]
	}
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			at := i * total
			for k, size := range sizes {
				at += copy(dst[at:], in[k][i*size:(i+1)*size])
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		all, start := make(gorgonia.Nodes, len(x)), 0
		for k, n := range x {
			from, size := start, sizes[k]
			start += size
			if !b.moves[n] {
				continue
			}
			all[k] = b.gradient("concat", n, func(dst []float32, in [][]float32) {
				kernel.Parallel(batch, func(i int) {
					copy(dst[i*size:(i+1)*size], in[0][i*total+from:])
				})
			}, grad)
		}
		return all
	}
	return b.forward("concat", shape, diff, forward, x...)
}
