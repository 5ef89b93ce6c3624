package backbone

import (
	"math/rand/v2"

	"crossbatch/backbone/network"
)

// parameter is one named array of a network, row-major. Its storage never
// moves: graphs of every batch size read value and write grad. A buffer, which
// training changes but no gradient does, has no grad, and neither has a parameter
// that is frozen.
type parameter struct {
	name        string
	shape       []int
	value, grad []float32
	head        bool // of the part that another task has another of
}

// state is the parameters and buffers of a network in their order.
type state struct{ all []*parameter }

// draw makes the parameters of a network with their initial values. Each has a
// stream of random numbers for its place, which keeps its values from depending
// on how many were drawn before.
func draw(n *network.Network, seed uint64) []*parameter {
	all := make([]*parameter, len(n.Parameters))
	for i, d := range n.Parameters {
		p := &parameter{name: d.Name, shape: d.Shape, value: make([]float32, network.Elements(d.Shape)), head: d.Head}
		rng := rand.New(rand.NewPCG(seed, uint64(i+1)))
		for j := range p.value {
			p.value[j] = d.Start
			if d.Deviation > 0 {
				p.value[j] = float32(d.Deviation * rng.NormFloat64())
			}
		}
		if d.IsTrained() {
			p.grad = make([]float32, len(p.value))
		}
		all[i] = p
	}
	return all
}
