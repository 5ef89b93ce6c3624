package graph

import "errors"

// momentsOfWhole are the moments of each channel over all parts of a batch, of which this
// is one: one sum over the parts, nil where that fails. Mean and variance come from Σx and
// Σx², which 64 bits hold well enough: what
// x is away from 0 would have to be some thousand deviations to be seen.
func (n *normalizer) momentsOfWhole() func(c int) moments {
	for c := range n.channels {
		m := n.moments(c)
		n.whole[2*c], n.whole[2*c+1] = m.count*m.mean, m.squares+m.count*m.mean*m.mean
	}
	if !n.sum(n.number) {
		return nil
	}
	count := n.whole[2*n.channels]
	return func(c int) moments {
		mean := n.whole[2*c] / count
		return moments{count, mean, max(0, n.whole[2*c+1]-count*mean*mean)}
	}
}

// sum adds up the sums over all parts, those of a number. Where that fails the run goes
// on, as an operation can't end it, and fails at its end.
func (n *normalizer) sum(number float64) bool {
	count, which := &n.whole[2*n.channels], &n.whole[2*n.channels+1]
	own := float64(n.pixels)
	*count, *which = own, number
	if n.owner.failed == nil {
		n.owner.failed = n.owner.Part.Sum(n.whole)
	}
	if n.owner.failed == nil && *which != number**count/own {
		n.owner.failed = errParts
	}
	return n.owner.failed == nil
}

var errParts = errors.New("graph: batch normalisation: the parts of the batch are at different places of the network")
