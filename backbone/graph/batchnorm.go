package graph

import (
	"math"

	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// batchNorm brings each channel of x to
// mean 0 and variance 1, then scales and shifts it. In training the mean and
// the variance are the batch's, and the running statistics move towards them;
// in embedding they are the running ones.
//
//	Sergey Ioffe, Christian Szegedy, Batch Normalization: Accelerating Deep
//	Network Training by Reducing Internal Covariate Shift, ICML 2015,
//	https://arxiv.org/abs/1502.03167, algorithms 1 and 2.
//
// Unlike the paper, which averages the statistics of several batches for
// inference, the running ones are moving averages, as in PyTorch.
//
// Where the batch is a part of a larger one, mean and variance may be the whole's: see
// Part.Sum.
//
// Frozen, it is the same map in training as in embedding: neither statistics nor
// parameters change.
//
// With rectify a ReLU comes after it, in the same passes.
func (b *builder) batchNorm(op network.BatchNorm, parameters []int, x *gorgonia.Node, rectify bool) *gorgonia.Node {
	x = b.pixels(x)
	shape := x.Shape()
	channels := shape[3]
	n := &normalizer{
		channels: channels, pixels: shape.TotalSize() / channels,
		mean: make([]float32, channels), inverse: make([]float32, channels), factor: make([]float32, channels),
		slope: make([]float32, channels), constant: make([]float32, channels),
		op: op, still: b.mode == Forward, rectify: rectify, owner: b.owner, number: float64(b.ops + 1),
		runningMean: b.arrays[parameters[2]].Value, runningVariance: b.arrays[parameters[3]].Value,
	}
	pieces := n.pieces()
	n.sums, n.squares = make([]float32, pieces*channels), make([]float32, pieces*channels)
	n.whole = make([]float64, 2*channels+2)
	scale, shift := b.parameter(parameters[0]), b.parameter(parameters[1])
	if b.mode == Embedding {
		return b.image("batch norm", shape, nil, n.embed, x, scale, shift)
	}
	if op.Frozen {
		diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{b.gradient("batch norm input", x, n.frozenGradient, grad, x, scale, y), nil, nil}
		}
		return b.image("batch norm", shape, diff, n.embed, x, scale, shift)
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		n.dScale, n.dShift = b.grad(scale), b.grad(shift)
		dx := b.gradient("batch norm input", x, n.gradient, grad, x, scale, y)
		// The gradient with respect to x needs those of γ and β and stores
		// them: their nodes have only to come after it.
		stored := func([]float32, [][]float32) {}
		return gorgonia.Nodes{dx,
			b.gradient("batch norm scale", scale, stored, dx),
			b.gradient("batch norm shift", shift, stored, dx)}
	}
	return b.image("batch norm", shape, diff, n.train, x, scale, shift)
}

// normalizer is a batchNorm for one batch size.
type normalizer struct {
	channels, pixels int

	mean, inverse   []float32 // of the last batch trained; inverse is 1/deviation
	factor          []float32
	slope, constant []float32
	sums, squares   []float32 // of the pieces
	whole           []float64 // of all parts of the batch: of x and x², of dy and dy·(x-mean); count, and which
	dScale, dShift  []float32
	owner           *Graph
	number          float64 // of it in the graph
	op              network.BatchNorm
	still           bool // the running statistics stay
	rectify         bool

	runningMean, runningVariance []float32
}

// pieces are summed each on its own.
func (n *normalizer) pieces() int { return kernel.Blocks(n.pixels, partPixels) }

// each calls f for each piece of an array, side by side, with the piece's place in the
// sums.
func (n *normalizer) each(f func(from, to, sums int)) {
	kernel.Parallel(n.pieces(), func(p int) {
		f(p*partPixels*n.channels, min(n.pixels, (p+1)*partPixels)*n.channels, p*n.channels)
	})
}

// floor is the least of what is stored.
func (n *normalizer) floor() float32 {
	if n.rectify {
		return 0
	}
	return float32(math.Inf(-1))
}

// train stores the normalised x and moves the running statistics, unless they stay.
func (n *normalizer) train(dst []float32, in [][]float32) {
	x, scale, shift := in[0], in[1], in[2]
	n.each(func(from, to, at int) {
		sums, squares := n.sums[at:at+n.channels], n.squares[at:at+n.channels]
		clear(sums)
		clear(squares)
		arithmetic.ChannelSums(sums, x[from:to])
		kernel.Scale(sums, float32(1/(float64(to-from)/float64(n.channels))), sums) // the piece's mean
		arithmetic.ChannelSquares(squares, x[from:to], sums)
	})
	moments := n.moments
	if n.owner.Part.Sum != nil {
		if moments = n.momentsOfWhole(); moments == nil {
			return
		}
	}
	for c := range n.channels {
		m := moments(c)
		n.mean[c] = float32(m.mean)
		n.inverse[c] = float32(1 / math.Sqrt(m.squares/m.count+n.op.Epsilon))
		n.factor[c] = n.inverse[c] * scale[c]
		if !n.still {
			n.move(c, m)
		}
	}
	n.each(func(from, to, _ int) {
		arithmetic.ChannelAffine(dst[from:to], x[from:to], n.mean, n.factor, shift, n.floor())
	})
}

// moments are those of channel c, of the pieces in their order.
func (n *normalizer) moments(c int) (m moments) {
	for p := range n.pieces() {
		m.merge(float64(min(n.pixels, (p+1)*partPixels)-p*partPixels), float64(n.sums[p*n.channels+c]), float64(n.squares[p*n.channels+c]))
	}
	return m
}

// move takes a batch's statistics of a channel into the running ones, the
// variance as the unbiased estimate.
func (n *normalizer) move(c int, m moments) {
	mean, variance := &n.runningMean[c], &n.runningVariance[c]
	unbiased := m.squares / max(m.count-1, 1)
	*mean += float32(n.op.Momentum * (m.mean - float64(*mean)))
	*variance += float32(n.op.Momentum * (unbiased - float64(*variance)))
}

// running stores the factors of the running statistics.
func (n *normalizer) running(scale []float32) {
	for c := range n.channels {
		n.factor[c] = float32(1/math.Sqrt(float64(n.runningVariance[c])+n.op.Epsilon)) * scale[c]
	}
}

// embed stores x normalised by the running statistics.
func (n *normalizer) embed(dst []float32, in [][]float32) {
	n.running(in[1])
	n.each(func(from, to, _ int) {
		arithmetic.ChannelAffine(dst[from:to], in[0][from:to], n.runningMean, n.factor, in[2], n.floor())
	})
}

// gradient stores dL/dx, dL/dγ and dL/dβ, given dL/dy, x, γ and y. With x̂ the
// normalised x, m elements in a channel, and sums over them,
//
//	dβ = Σ dy,  dγ = Σ dy·x̂,  dx = γ/deviation · (dy - dβ/m - x̂·dγ/m),
//
// where dy counts as 0 where a ReLU has made it so.
func (n *normalizer) gradient(dst []float32, in [][]float32) {
	dy, x, scale := in[0], in[1], in[2]
	where := n.where(in[3])
	n.each(func(from, to, at int) {
		sums, products := n.sums[at:at+n.channels], n.squares[at:at+n.channels]
		clear(sums)
		clear(products)
		arithmetic.ChannelProducts(sums, products, dy[from:to], x[from:to], where(from, to), n.mean)
	})
	count := float64(n.pixels)
	for c := range n.channels {
		var total, deviation float64
		for p := range n.pieces() {
			total += float64(n.sums[p*n.channels+c])
			deviation += float64(n.squares[p*n.channels+c])
		}
		n.whole[2*c], n.whole[2*c+1] = total, deviation
		n.dShift[c], n.dScale[c] = float32(total), float32(deviation*float64(n.inverse[c]))
	}
	if n.owner.Part.Sum != nil {
		if !n.sum(-n.number) {
			return
		}
		count = n.whole[2*n.channels]
	}
	for c := range n.channels {
		total, inverse := n.whole[2*c], n.inverse[c]
		dScale := n.whole[2*c+1] * float64(inverse)
		n.factor[c] = scale[c] * inverse
		n.constant[c] = -float32(float64(n.factor[c]) * total / count)
		n.slope[c] = -float32(float64(n.factor[c]) * float64(inverse) * dScale / count)
	}
	n.each(func(from, to, _ int) {
		arithmetic.ChannelCombine(dst[from:to], dy[from:to], x[from:to], where(from, to), n.mean, n.factor, n.slope, n.constant)
	})
}

// where is the part of y that tells where the gradient counts; nil is everywhere.
func (n *normalizer) where(y []float32) func(from, to int) []float32 {
	return func(from, to int) []float32 {
		if !n.rectify {
			return nil
		}
		return y[from:to]
	}
}

// frozenGradient stores dL/dx, given dL/dy, x, γ and y, by the running statistics.
func (n *normalizer) frozenGradient(dst []float32, in [][]float32) {
	n.running(in[2])
	clear(n.slope)
	where := n.where(in[3])
	n.each(func(from, to, _ int) {
		arithmetic.ChannelCombine(dst[from:to], in[0][from:to], in[1][from:to], where(from, to), n.slope, n.factor, n.slope, n.slope)
	})
}
