package graph

import (
	"math"

	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// batchNorm brings each channel of x (batch × channels × height × width) to
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
func (b *builder) batchNorm(op network.BatchNorm, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	n := &normalizer{
		batch: shape[0], channels: shape[1], plane: shape[2] * shape[3],
		mean: make([]float32, shape[1]), inverse: make([]float32, shape[1]),
		op: op, still: b.mode == Forward, owner: b.owner, number: float64(b.ops + 1),
		runningMean: b.arrays[parameters[2]].Value, runningVariance: b.arrays[parameters[3]].Value,
	}
	scale, shift := b.parameter(parameters[0]), b.parameter(parameters[1])
	if b.mode == Embedding {
		return b.forward("batch norm", shape, nil, n.embed, x, scale, shift)
	}
	if op.Frozen {
		diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{b.gradient("batch norm input", x, n.frozenGradient, grad, scale), nil, nil}
		}
		return b.forward("batch norm", shape, diff, n.embed, x, scale, shift)
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		n.dScale, n.dShift = b.grad(scale), b.grad(shift)
		dx := b.gradient("batch norm input", x, n.gradient, grad, x, scale)
		// The gradient with respect to x needs those of γ and β and stores
		// them: their nodes have only to come after it.
		stored := func([]float32, [][]float32) {}
		return gorgonia.Nodes{dx,
			b.gradient("batch norm scale", scale, stored, dx),
			b.gradient("batch norm shift", shift, stored, dx)}
	}
	return b.forward("batch norm", shape, diff, n.train, x, scale, shift)
}

// normalizer is a batchNorm for one batch size.
type normalizer struct {
	batch, channels, plane int

	mean, inverse  []float32 // of the last batch trained; inverse is 1/deviation
	dScale, dShift []float32
	sums           []float64 // of all parts of the batch: of x and x², of dy and dy·(x-mean)
	owner          *Graph
	number         float64 // of it in the graph
	op             network.BatchNorm
	still          bool // the running statistics stay

	runningMean, runningVariance []float32
}

// train stores the normalised x and moves the running statistics, unless they stay.
func (n *normalizer) train(dst []float32, in [][]float32) {
	x, scale, shift := in[0], in[1], in[2]
	if n.owner.Part.Sum != nil {
		n.trainPart(dst, x, scale, shift)
		return
	}
	kernel.Parallel(n.channels, func(c int) {
		n.apply(dst, x, c, n.moments(x, c), scale, shift)
	})
}

// moments are those of channel c.
func (n *normalizer) moments(x []float32, c int) (m moments) {
	for i := range n.batch {
		m.add(n.at(x, i, c))
	}
	return m
}

// apply normalises channel c by m, and takes that into the running statistics, unless
// they stay.
func (n *normalizer) apply(dst, x []float32, c int, m moments, scale, shift []float32) {
	n.mean[c] = float32(m.mean)
	n.inverse[c] = float32(1 / math.Sqrt(m.squares/m.count+n.op.Epsilon))
	if !n.still {
		n.move(c, m)
	}
	n.normalize(dst, x, c, n.mean[c], n.inverse[c]*scale[c], shift[c])
}

// move takes a batch's statistics of a channel into the running ones, the
// variance as the unbiased estimate.
func (n *normalizer) move(c int, m moments) {
	mean, variance := &n.runningMean[c], &n.runningVariance[c]
	unbiased := m.squares / max(m.count-1, 1)
	*mean += float32(n.op.Momentum * (m.mean - float64(*mean)))
	*variance += float32(n.op.Momentum * (unbiased - float64(*variance)))
}

// embed stores x normalised by the running statistics.
func (n *normalizer) embed(dst []float32, in [][]float32) {
	x, scale, shift := in[0], in[1], in[2]
	kernel.Parallel(n.channels, func(c int) {
		inverse := float32(1 / math.Sqrt(float64(n.runningVariance[c])+n.op.Epsilon))
		n.normalize(dst, x, c, n.runningMean[c], inverse*scale[c], shift[c])
	})
}

// normalize stores (x-mean)·factor + shift for channel c.
func (n *normalizer) normalize(dst, x []float32, c int, mean, factor, shift float32) {
	for i := range n.batch {
		arithmetic.Affine(n.at(dst, i, c), n.at(x, i, c), mean, factor, shift)
	}
}

// gradient stores dL/dx, dL/dγ and dL/dβ, given dL/dy, x and γ. With x̂ the
// normalised x, m elements in a channel, and sums over them,
//
//	dβ = Σ dy,  dγ = Σ dy·x̂,  dx = γ/deviation · (dy - dβ/m - x̂·dγ/m).
func (n *normalizer) gradient(dst []float32, in [][]float32) {
	dy, x, scale := in[0], in[1], in[2]
	if n.owner.Part.Sum != nil {
		n.gradientOfPart(dst, dy, x, scale)
		return
	}
	kernel.Parallel(n.channels, func(c int) {
		total, deviation := n.gradientSums(dy, x, c)
		n.carryBack(dst, dy, x, c, scale[c], total, deviation, float64(n.batch*n.plane))
	})
}

// gradientSums stores dγ and dβ of channel c and returns Σ dy and Σ dy·(x-mean).
func (n *normalizer) gradientSums(dy, x []float32, c int) (total, deviation float64) {
	for i := range n.batch {
		g := n.at(dy, i, c)
		total += float64(arithmetic.Sum(g))
		deviation += float64(arithmetic.Covariation(g, n.at(x, i, c), n.mean[c]))
	}
	n.dShift[c], n.dScale[c] = float32(total), float32(deviation*float64(n.inverse[c]))
	return total, deviation
}

// carryBack stores dL/dx of channel c, given the sums over all count elements.
func (n *normalizer) carryBack(dst, dy, x []float32, c int, scale float32, total, deviation, count float64) {
	mean, inverse := n.mean[c], n.inverse[c]
	factor := scale * inverse
	constant := float32(float64(factor) * total / count)
	dScale := deviation * float64(inverse)
	slope := float32(float64(factor) * float64(inverse) * dScale / count)
	for i := range n.batch {
		arithmetic.Combine(n.at(dst, i, c), n.at(dy, i, c), n.at(x, i, c), factor, -slope, mean, -constant)
	}
}

// frozenGradient stores dL/dx, given dL/dy and γ, by the running statistics.
func (n *normalizer) frozenGradient(dst []float32, in [][]float32) {
	kernel.Parallel(n.channels, func(c int) {
		inverse := float32(1 / math.Sqrt(float64(n.runningVariance[c])+n.op.Epsilon))
		n.normalize(dst, in[0], c, 0, inverse*in[1][c], 0)
	})
}

// at is channel c of image i.
func (n *normalizer) at(x []float32, i, c int) []float32 {
	start := (i*n.channels + c) * n.plane
	return x[start : start+n.plane]
}
