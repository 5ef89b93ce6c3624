package inference

import "crossbatch/backbone/network"

// step is an operation of a plan.
type step struct {
	*network.Step
	pack   func() // lays the weights out, may be nil
	packed bool
	run    func(*work)
}

// fuse makes the steps of the nodes.
func (p *Plan) fuse() {
	steps, output := p.network.Steps()
	for _, s := range steps {
		p.steps = append(p.steps, &step{Step: s})
	}
	p.refs = make([]ref, 1+len(p.network.Nodes))
	p.network = &network.Network{Input: p.network.Input, Parameters: p.network.Parameters, Nodes: p.network.Nodes, Output: output}
}
