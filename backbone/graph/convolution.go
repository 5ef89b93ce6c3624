package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/convolution"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// Scratch lends buffers to operations; see convolution.Scratch.
type Scratch = convolution.Scratch

// convolution is the cross-correlation of images with square filters (filters ×
// channels × size × size), plus a bias for each filter where there is one.
func (b *builder) convolution(op network.Convolution, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	if b.moves[x] {
		x = b.pixels(x)
	}
	s := convolution.Shape{Filters: op.Filters, Size: op.Size, Stride: op.Stride, Pad: op.Pad, Planes: !b.side[x]}
	in := x.Shape()
	batch := in[0]
	if s.Planes {
		s.Channels, s.Height, s.Width = in[1], in[2], in[3]
	} else {
		s.Height, s.Width, s.Channels = in[1], in[2], in[3]
	}
	c := convolution.New(s, b.scratch)
	inputs := gorgonia.Nodes{x, b.parameter(parameters[0])}
	if op.Bias {
		inputs = append(inputs, b.parameter(parameters[1]))
	}
	images := func(x []float32) convolution.Images { return convolution.Images{Data: x, Step: s.Channels} }
	result := func(y []float32) convolution.Images { return convolution.Images{Data: y, Step: s.Filters} }
	forward := func(dst []float32, in [][]float32) {
		packed := b.scratch.Take(c.PackedSize())
		defer b.scratch.Put(packed)
		c.Pack(packed, in[1], nil)
		var f *convolution.Finish
		if op.Bias {
			f = convolution.Plain(in[2])
		}
		c.Forward(result(dst), images(in[0]), batch, packed, f)
	}
	inputGradient := func(dst []float32, in [][]float32) { c.InputGradient(images(dst), result(in[0]), batch, in[1]) }
	weightGradient := func(dst []float32, in [][]float32) { c.WeightGradient(dst, result(in[0]), images(in[1]), batch) }
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		var dx *gorgonia.Node
		if b.moves[x] {
			dx = b.gradient("convolution input", x, inputGradient, grad, in[1])
		}
		all := gorgonia.Nodes{dx, nil}
		if b.moves[in[1]] {
			all[1] = b.gradient("convolution weight", in[1], weightGradient, grad, x)
		}
		if op.Bias {
			all = append(all, nil)
			if b.moves[in[2]] {
				all[2] = b.gradient("convolution bias", in[2], columnSums, grad)
			}
		}
		return all
	}
	height, width := s.Out()
	return b.image("convolution", []int{batch, height, width, op.Filters}, diff, forward, inputs...)
}

// columnSums stores the sums over the pixels of dL/dy, for each channel: in parts, which
// are added in order.
func columnSums(dst []float32, in [][]float32) {
	n := len(dst)
	parts := make([]float32, kernel.Blocks(len(in[0]), n*partPixels)*n)
	kernel.Parallel(len(parts)/n, func(p int) {
		from := p * n * partPixels
		arithmetic.ChannelSums(parts[p*n:(p+1)*n], in[0][from:min(len(in[0]), from+n*partPixels)])
	})
	sums := make([]float64, n)
	for i, v := range parts {
		sums[i%n] += float64(v)
	}
	for c, sum := range sums {
		dst[c] = float32(sum)
	}
}

// partPixels are the pixels of a part that is summed on its own: the same on any number
// of cores.
const partPixels = 128
