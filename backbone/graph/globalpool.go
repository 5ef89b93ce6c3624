package graph

import (
	"slices"

	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// globalAverage is the mean of each channel of x (batch × channels × height ×
// width): batch × channels.
func (b *builder) globalAverage(x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, channels, plane := shape[0], shape[1], shape[2]*shape[3]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			for c := i * channels; c < (i+1)*channels; c++ {
				dst[c] = arithmetic.Sum(in[0][c*plane:(c+1)*plane]) / float32(plane)
			}
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			for c := i * channels; c < (i+1)*channels; c++ {
				fill(dst[c*plane:(c+1)*plane], in[0][c]/float32(plane))
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("global average", x, backward, grad)}
	}
	return b.forward("global average", []int{batch, channels}, diff, forward, x)
}

// globalMax is the largest element of each channel of x (batch × channels ×
// height × width): batch × channels. Of equal elements the first gets the
// gradient.
func (b *builder) globalMax(x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	batch, channels, plane := shape[0], shape[1], shape[2]*shape[3]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			for c := i * channels; c < (i+1)*channels; c++ {
				dst[c] = slices.Max(in[0][c*plane : (c+1)*plane]) // NaN if there is one
			}
		})
	}
	backward := func(dst []float32, in [][]float32) { // of dy, y, x
		kernel.Parallel(batch, func(i int) {
			for c := i * channels; c < (i+1)*channels; c++ {
				out := dst[c*plane : (c+1)*plane]
				clear(out)
				if at := slices.Index(in[2][c*plane:(c+1)*plane], in[1][c]); at >= 0 {
					out[at] = in[0][c]
				}
			}
		})
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("global max", x, backward, grad, y, x)}
	}
	return b.forward("global max", []int{batch, channels}, diff, forward, x)
}
