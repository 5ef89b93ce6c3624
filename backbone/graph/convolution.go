package graph

import (
	"slices"

	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// gradientPieces is the number of parts of a batch whose weight gradients are
// summed apart, and then in order: the same on any number of cores.
const gradientPieces = 16

// convolution is the cross-correlation of images (batch × channels × height ×
// width) with square filters (filters × channels × size × size), plus a bias
// for each filter where there is one. Each image is unfolded and multiplied by
// itself, so the unfolded images of a batch never stand side by side.
func (b *builder) convolution(op network.Convolution, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	c := &convolver{
		window:  newWindow(in[1], in[2], in[3], op.Size, op.Stride, op.Pad),
		batch:   in[0],
		filters: op.Filters,
		scratch: b.scratch,
	}
	inputs := gorgonia.Nodes{x, b.parameter(parameters[0])}
	if op.Bias {
		inputs = append(inputs, b.parameter(parameters[1]))
	}
	forward, inputGradient, weightGradient := c.forward, c.inputGradient, c.weightGradient
	switch {
	case c.isTiled():
		forward, inputGradient, weightGradient = c.forwardTiled, c.inputGradientTiled, c.weightGradientTiled
	case c.isGrouped():
		forward, inputGradient, weightGradient = c.forwardGrouped, c.inputGradientGrouped, c.weightGradientGrouped
	}
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
				all[2] = b.gradient("convolution bias", in[2], c.biasGradient, grad)
			}
		}
		return all
	}
	shape := []int{c.batch, c.filters, c.outHeight, c.outWidth}
	return b.forward("convolution", shape, diff, forward, inputs...)
}

// convolver is a convolution for one batch size.
type convolver struct {
	window
	batch, filters int
	scratch        *Scratch
	partial        []float32 // weight gradients of the pieces
}

// forward stores the convolution of x with weight, and bias if there is a third.
func (c *convolver) forward(dst []float32, in [][]float32) {
	x, weight := in[0], in[1]
	k, n := c.rows(), c.columns()
	kernel.Parallel(c.batch, func(i int) {
		col := c.unfolded(c.image(x, i))
		defer c.release(col)
		out := c.output(dst, i)
		var beta float32
		if len(in) == 3 {
			beta = 1
			for f, bias := range in[2] {
				fill(out[f*n:(f+1)*n], bias)
			}
		}
		kernel.GemmSerial(c.filters, n, k, 1, kernel.Mat{Data: weight, Stride: k}, kernel.Mat{Data: col, Stride: n},
			beta, kernel.Mat{Data: out, Stride: n})
	})
}

// inputGradient stores dL/dx, given dL/dy and the weight.
func (c *convolver) inputGradient(dst []float32, in [][]float32) {
	dy, weight := in[0], in[1]
	k, n := c.rows(), c.columns()
	kernel.Parallel(c.batch, func(i int) {
		col := c.image(dst, i)
		if !c.isPlain() {
			col = c.scratch.take(k * n)
			defer c.scratch.put(col)
		}
		kernel.GemmSerial(k, n, c.filters, 1, kernel.Mat{Data: weight, Stride: k, Trans: true},
			kernel.Mat{Data: c.output(dy, i), Stride: n}, 0, kernel.Mat{Data: col, Stride: n})
		if !c.isPlain() {
			c.fold(c.image(dst, i), col, n)
		}
	})
}

// weightGradient stores dL/dweight, given dL/dy and x.
func (c *convolver) weightGradient(dst []float32, in [][]float32) {
	dy, x := in[0], in[1]
	k, n := c.rows(), c.columns()
	pieces := min(c.batch, gradientPieces)
	size := len(dst)
	c.partial = slices.Grow(c.partial[:0], pieces*size)[:pieces*size]
	kernel.Parallel(pieces, func(p int) {
		sum := kernel.Mat{Data: c.partial[p*size : (p+1)*size], Stride: k}
		var beta float32
		for i := p * c.batch / pieces; i < (p+1)*c.batch/pieces; i++ {
			col := c.unfolded(c.image(x, i))
			kernel.GemmSerial(c.filters, k, n, 1, kernel.Mat{Data: c.output(dy, i), Stride: n},
				kernel.Mat{Data: col, Stride: n, Trans: true}, beta, sum)
			c.release(col)
			beta = 1
		}
	})
	const part = 4096
	kernel.Parallel((size+part-1)/part, func(i int) {
		from, to := i*part, min(size, (i+1)*part)
		copy(dst[from:to], c.partial[from:to])
		for p := 1; p < pieces; p++ {
			kernel.Axpy(dst[from:to], 1, c.partial[p*size+from:p*size+to])
		}
	})
}

// biasGradient stores dL/dbias, given dL/dy.
func (c *convolver) biasGradient(dst []float32, in [][]float32) {
	n := c.columns()
	kernel.Parallel(c.filters, func(f int) {
		var total float64
		for i := range c.batch {
			total += float64(arithmetic.Sum(c.output(in[0], i)[f*n : (f+1)*n]))
		}
		dst[f] = float32(total)
	})
}

// unfolded returns the unfolded image, to be released.
func (c *convolver) unfolded(image []float32) []float32 {
	if c.isPlain() {
		return image
	}
	k, n := c.rows(), c.columns()
	col := c.scratch.take(k * n)
	c.unfold(col, n, image)
	return col
}

func (c *convolver) release(col []float32) {
	if !c.isPlain() {
		c.scratch.put(col)
	}
}

// image and output are image i of the input, and of the output.
func (c *convolver) image(x []float32, i int) []float32 {
	size := c.channels * c.height * c.width
	return x[i*size : (i+1)*size]
}

func (c *convolver) output(y []float32, i int) []float32 {
	size := c.filters * c.columns()
	return y[i*size : (i+1)*size]
}

func fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}
