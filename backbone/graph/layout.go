package graph

import (
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// Images come channel by channel (batch × channels × height × width). Between
// operations the channels of a pixel lie side by side (batch × height × width ×
// channels): then a convolution is products of matrices, and what is one number for each
// channel is a row of them. A node's shape is as its numbers lie; builder.side tells
// which nodes those are.

// pixels is x with its channels side by side.
func (b *builder) pixels(x *gorgonia.Node) *gorgonia.Node {
	if b.side[x] || x.Dims() != 4 {
		return x
	}
	s := x.Shape()
	y := b.turn("pixels", x, []int{s[0], s[2], s[3], s[1]}, s[1], s[2]*s[3])
	b.side[y] = true
	return y
}

// planes is x channel by channel.
func (b *builder) planes(x *gorgonia.Node) *gorgonia.Node {
	if !b.side[x] {
		return x
	}
	s := x.Shape()
	return b.turn("planes", x, []int{s[0], s[3], s[1], s[2]}, s[1]*s[2], s[3])
}

// turn transposes each image, of rows × columns.
func (b *builder) turn(name string, x *gorgonia.Node, shape []int, rows, columns int) *gorgonia.Node {
	batch, size := shape[0], rows*columns
	transpose := func(rows, columns int) func(dst []float32, in [][]float32) {
		return func(dst []float32, in [][]float32) {
			kernel.Parallel(batch, func(i int) {
				kernel.Transpose(dst[i*size:], rows, in[0][i*size:], columns, rows, columns)
			})
		}
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient(name, x, transpose(columns, rows), grad)}
	}
	return b.forward(name, shape, diff, transpose(rows, columns), x)
}

// image adds an operation whose result is images with channels side by side.
func (b *builder) image(name string, shape []int, diff gradients, do func(dst []float32, in [][]float32), inputs ...*gorgonia.Node) *gorgonia.Node {
	y := b.forward(name, shape, diff, do, inputs...)
	b.side[y] = true
	return y
}

// like marks y, number by number of x, as lying as x does.
func (b *builder) like(x, y *gorgonia.Node) *gorgonia.Node {
	b.side[y] = b.side[x]
	return y
}
