package graph

import (
	"crossbatch/backbone/network"

	"gorgonia.org/gorgonia"
)

// share is x once more. gorgonia adds the gradients of a node's uses, in an order
// of its own: with two uses at most, that makes no difference.
func (b *builder) share(x *gorgonia.Node) *gorgonia.Node {
	o := &op{
		name:   "share",
		result: x.Op().(*op).result,
		do:     func([][]float32) {},
		diff:   func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes { return gorgonia.Nodes{grad} },
	}
	return b.add(o, x)
}

// uses counts those of each value.
func uses(n *network.Network) []int {
	count := make([]int, 1+len(n.Nodes))
	for _, node := range n.Nodes {
		for _, v := range node.Inputs {
			count[v]++
		}
	}
	return count
}
