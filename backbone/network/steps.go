package network

// Step is an operation in embedding: a node, or several that are one pass.
type Step struct {
	Node  *Node
	Norm  *Node // batch normalisation after a convolution, or nil
	Other Value // added to the result, or None
	Floor bool  // a ReLU at the end
	In    []Value
	Out   Value
}

// None is no value.
const None Value = -1

// Steps are what to do in embedding, in order: a convolution takes in the batch
// normalisation, the sum and the ReLU after it, where nothing else reads what is between.
// Dropout is no step. output is the network's.
func (n *Network) Steps() (steps []*Step, output Value) {
	uses := n.Uses()
	made := make([]int, 1+len(n.Nodes)) // the step that makes a value, or -1
	made[Images] = -1
	same := make([]Value, 1+len(n.Nodes)) // the value that a value is
	// alone is the step that makes v, if that is for one reader only.
	alone := func(v Value) *Step {
		if uses[v] == 1 && made[v] >= 0 {
			return steps[made[v]]
		}
		return nil
	}
	for i := range n.Nodes {
		node, out := &n.Nodes[i], Value(i+1)
		in := make([]Value, len(node.Inputs))
		for k, v := range node.Inputs {
			in[k] = same[v]
		}
		same[out] = out
		joined := -1
		switch node.Op.(type) {
		case Dropout:
			same[out], uses[in[0]] = in[0], uses[in[0]]+uses[out]-1
			continue
		case BatchNorm:
			if s := alone(in[0]); s != nil && s.takesNorm() {
				s.Norm = node
				joined = made[in[0]]
			}
		case Add:
			// The later of the two can take the other in.
			for k, v := range in {
				if s := alone(v); s != nil && s.takesSum() && made[v] > made[in[1-k]] {
					s.Other = in[1-k]
					joined = made[v]
				}
			}
		case ReLU:
			s := alone(in[0])
			if s != nil && s.takesFloor() {
				s.Floor = true
				joined = made[in[0]]
			} else if s != nil && s.isMaxPool() {
				// The largest of what is not below 0 is the same as 0 or the largest.
				if before := alone(s.In[0]); before != nil && before.takesFloor() {
					before.Floor = true
					joined = made[in[0]]
				}
			}
		}
		if joined < 0 {
			steps = append(steps, &Step{Node: node, Other: None, In: in, Out: out})
			joined = len(steps) - 1
		}
		steps[joined].Out = out
		made[out] = joined
	}
	return steps, same[n.Output]
}

// Reads are the values that a step needs.
func (s *Step) Reads() []Value {
	if s.Other == None {
		return s.In
	}
	return append(s.In[:len(s.In):len(s.In)], s.Other)
}

func (s *Step) takesNorm() bool {
	switch s.Node.Op.(type) {
	case Convolution, Depthwise:
		return s.Norm == nil && s.Other == None && !s.Floor
	}
	return false
}

func (s *Step) takesSum() bool {
	_, is := s.Node.Op.(Convolution)
	return is && s.Other == None && !s.Floor
}

func (s *Step) takesFloor() bool {
	switch s.Node.Op.(type) {
	case Convolution, Depthwise, Add:
		return !s.Floor
	}
	return false
}

func (s *Step) isMaxPool() bool {
	_, is := s.Node.Op.(MaxPool)
	return is
}
