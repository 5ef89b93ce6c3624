package inference

import "crossbatch/backbone/network"

// step is an operation of a plan: a node of the network, or several that are one pass.
type step struct {
	node  *network.Node
	norm  *network.Node // batch normalisation after it, or nil
	other network.Value // added to the result, or none
	floor bool          // a ReLU at the end
	in    []network.Value
	out   network.Value

	pack   func() // lays the weights out, may be nil
	packed bool
	run    func(*work)
}

const none network.Value = -1

// fuse makes the steps of the nodes.
func (p *Plan) fuse() {
	nodes := p.network.Nodes
	uses := p.network.Uses()
	made := make([]int, 1+len(nodes)) // the step that makes a value, or -1
	made[network.Images] = -1
	same := make([]network.Value, 1+len(nodes)) // the value that a value is
	// alone is the step that makes v, if that is for one reader only.
	alone := func(v network.Value) *step {
		if uses[v] == 1 && made[v] >= 0 {
			return p.steps[made[v]]
		}
		return nil
	}
	for i := range nodes {
		node, out := &nodes[i], network.Value(i+1)
		in := make([]network.Value, len(node.Inputs))
		for k, v := range node.Inputs {
			in[k] = same[v]
		}
		same[out] = out
		joined := -1
		switch node.Op.(type) {
		case network.Dropout:
			same[out], uses[in[0]] = in[0], uses[in[0]]+uses[out]-1
			continue
		case network.BatchNorm:
			if s := alone(in[0]); s != nil && s.takesNorm() {
				s.norm = node
				joined = made[in[0]]
			}
		case network.Add:
			// The later of the two can take the other in.
			for k, v := range in {
				if s := alone(v); s != nil && s.takesSum() && made[v] > made[in[1-k]] {
					s.other = in[1-k]
					joined = made[v]
				}
			}
		case network.ReLU:
			s := alone(in[0])
			if s != nil && s.takesFloor() {
				s.floor = true
				joined = made[in[0]]
			} else if s != nil && isMaxPool(s) {
				// The largest of what is not below 0 is the same as 0 or the largest.
				if before := alone(s.in[0]); before != nil && before.takesFloor() {
					before.floor = true
					joined = made[in[0]]
				}
			}
		}
		if joined < 0 {
			p.steps = append(p.steps, &step{node: node, other: none, in: in, out: out})
			joined = len(p.steps) - 1
		}
		p.steps[joined].out = out
		made[out] = joined
	}
	p.refs = make([]ref, 1+len(nodes))
	p.network = &network.Network{Input: p.network.Input, Parameters: p.network.Parameters, Nodes: nodes, Output: same[p.network.Output]}
}

func (s *step) isBare() bool { return s.norm == nil && s.other == none && !s.floor }

func (s *step) takesNorm() bool {
	switch s.node.Op.(type) {
	case network.Convolution, network.Depthwise:
		return s.isBare()
	}
	return false
}

func (s *step) takesSum() bool {
	_, is := s.node.Op.(network.Convolution)
	return is && s.other == none && !s.floor
}

func (s *step) takesFloor() bool {
	switch s.node.Op.(type) {
	case network.Convolution, network.Depthwise, network.Add:
		return !s.floor
	}
	return false
}

func isMaxPool(s *step) bool {
	_, is := s.node.Op.(network.MaxPool)
	return is
}

// reads are the values that a step needs.
func (s *step) reads() []network.Value {
	if s.other == none {
		return s.in
	}
	return append(s.in[:len(s.in):len(s.in)], s.other)
}
