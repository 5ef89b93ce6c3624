package graph

import (
	"errors"

	"crossbatch/xbm/kernel"
)

// trainPart is train for a part of a batch, by the statistics of the whole: one sum over
// the parts. Mean and variance come from Σx and Σx², which 64 bits hold well enough: what
// x is away from 0 would have to be some thousand deviations to be seen.
func (n *normalizer) trainPart(dst, x, scale, shift []float32) {
	sums := n.room()
	kernel.Parallel(n.channels, func(c int) {
		m := n.moments(x, c)
		sums[2*c], sums[2*c+1] = m.count*m.mean, m.squares+m.count*m.mean*m.mean
	})
	if !n.sum(n.number) {
		return
	}
	count := sums[2*n.channels]
	kernel.Parallel(n.channels, func(c int) {
		mean := sums[2*c] / count
		n.apply(dst, x, c, moments{count, mean, max(0, sums[2*c+1]-count*mean*mean)}, scale, shift)
	})
}

// gradientOfPart is gradient for a part of a batch: with dβ and dγ over all parts in
// dL/dx, where the parameters' own are the part's.
func (n *normalizer) gradientOfPart(dst, dy, x, scale []float32) {
	sums := n.room()
	kernel.Parallel(n.channels, func(c int) {
		sums[2*c], sums[2*c+1] = n.gradientSums(dy, x, c)
	})
	if !n.sum(-n.number) {
		return
	}
	kernel.Parallel(n.channels, func(c int) {
		n.carryBack(dst, dy, x, c, scale[c], sums[2*c], sums[2*c+1], sums[2*n.channels])
	})
}

// room is that of two sums a channel, the count of elements, and which sums they are.
func (n *normalizer) room() []float64 {
	if n.sums == nil {
		n.sums = make([]float64, 2*n.channels+2)
	}
	return n.sums
}

// sum adds up the sums over all parts, those of a number. Where that fails the run goes
// on, as an operation can't end it, and fails at its end.
func (n *normalizer) sum(number float64) bool {
	count, which := &n.sums[2*n.channels], &n.sums[2*n.channels+1]
	own := float64(n.batch * n.plane)
	*count, *which = own, number
	if n.owner.failed == nil {
		n.owner.failed = n.owner.Part.Sum(n.sums)
	}
	if n.owner.failed == nil && *which != number**count/own {
		n.owner.failed = errParts
	}
	return n.owner.failed == nil
}

var errParts = errors.New("graph: batch normalisation: the parts of the batch are at different places of the network")
