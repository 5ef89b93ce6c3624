package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// globalAverage is the mean of each channel of x: batch × channels.
func (b *builder) globalAverage(x *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	shape := x.Shape()
	batch, plane, channels := shape[0], shape[1]*shape[2], shape[3]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			out := dst[i*channels : (i+1)*channels]
			clear(out)
			arithmetic.ChannelSums(out, in[0][i*plane*channels:(i+1)*plane*channels])
			kernel.Scale(out, 1/float32(plane), out)
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			first := dst[i*plane*channels:][:channels]
			kernel.Scale(first, 1/float32(plane), in[0][i*channels:(i+1)*channels])
			for p := 1; p < plane; p++ {
				copy(dst[(i*plane+p)*channels:], first)
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("global average", x, backward, grad)}
	}
	return b.forward("global average", []int{batch, channels}, diff, forward, x)
}

// globalMax is the largest element of each channel of x: batch × channels. Of equal
// elements the first gets the gradient.
func (b *builder) globalMax(x *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	shape := x.Shape()
	batch, plane, channels := shape[0], shape[1]*shape[2], shape[3]
	winner := make([]int32, batch*channels)
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			out, won := dst[i*channels:(i+1)*channels], winner[i*channels:(i+1)*channels]
			copy(out, in[0][i*plane*channels:])
			clear(won)
			for p := 1; p < plane; p++ {
				arithmetic.Beat(out, won, in[0][(i*plane+p)*channels:][:channels], int32(p))
			}
		})
	}
	backward := func(dst []float32, in [][]float32) { // of dy, y
		kernel.Parallel(batch, func(i int) {
			clear(dst[i*plane*channels : (i+1)*plane*channels])
			for c, p := range winner[i*channels : (i+1)*channels] {
				dst[(i*plane+int(p))*channels+c] = in[0][i*channels+c]
			}
		})
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that this comes after it.
		return gorgonia.Nodes{b.gradient("global max", x, backward, grad, y)}
	}
	return b.forward("global max", []int{batch, channels}, diff, forward, x)
}
