package onnx

import (
	"math"

	"crossbatch/backbone/network"
)

// foldable finds the batch normalisations that are the only use of a
// convolution's result, by the place of the convolution.
func foldable(n *network.Network) map[int]int {
	uses, folded := n.Uses(), map[int]int{}
	for i, node := range n.Nodes {
		if _, is := node.Op.(network.BatchNorm); !is || node.Inputs[0] == network.Images {
			continue
		}
		before := int(node.Inputs[0]) - 1
		switch n.Nodes[before].Op.(type) {
		case network.Convolution, network.Depthwise:
			if uses[before+1] == 1 {
				folded[before] = i
			}
		}
	}
	return folded
}

// isFolded tells that the batch normalisation at place i is taken in.
func (e *export) isFolded(i int) bool {
	before := int(e.Network.Nodes[i].Inputs[0]) - 1
	at, is := e.folded[before]
	return is && at == i
}

// filters adds the weight of the convolution at place i, and its bias where there
// is one: as they are, or with the batch normalisation taken in.
//
//	γ·(w∗x + b - mean)/√(variance+ε) + β = (s·w)∗x + s·(b-mean) + β,  s = γ/√(variance+ε)
func (e *export) filters(i int) (weight string, bias []string, err error) {
	node := &e.Network.Nodes[i]
	at, is := e.folded[i]
	if !is {
		names := e.parameters(node)
		return names[0], names[1:], nil
	}
	norm := &e.Network.Nodes[at]
	epsilon := norm.Op.(network.BatchNorm).Epsilon
	part := func(k int) []float32 { return e.Values[norm.Parameters[k]] }
	scale, shift, mean, variance := part(0), part(1), part(2), part(3)
	old := e.Values[node.Parameters[0]]
	size := len(old) / len(scale)
	filters, shifts := make([]float32, len(old)), make([]float32, len(scale))
	for f := range scale {
		s := float64(scale[f]) / math.Sqrt(float64(variance[f])+epsilon)
		var b float64
		if len(node.Parameters) > 1 {
			b = float64(e.Values[node.Parameters[1]][f])
		}
		shifts[f] = float32(s*(b-float64(mean[f])) + float64(shift[f]))
		for k := f * size; k < (f+1)*size; k++ {
			filters[k] = float32(s * float64(old[k]))
		}
	}
	described := e.Network.Parameters[node.Parameters[0]]
	if err := e.fitsHalf(described.Name, filters); err != nil {
		return "", nil, err
	}
	name := e.name(i)
	return e.array(name+" filters", described.Shape, filters), []string{e.array(name+" shifts", []int{len(shifts)}, shifts)}, nil
}
