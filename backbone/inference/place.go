package inference

import (
	"slices"

	"crossbatch/backbone/network"
)

// place gives every value its buffer: one that no later step reads any more.
func (p *Plan) place() {
	last := make([]int, len(p.refs)) // the step that reads a value last
	for i, s := range p.steps {
		for _, v := range s.Reads() {
			last[v] = i
		}
	}
	last[p.network.Output] = len(p.steps)
	whole := p.parts(last)
	p.refs[network.Images] = wide(p.network.Input)
	if p.isBesideImages() {
		p.refs[network.Images].buffer = p.slots.Add(network.Elements(p.network.Input))
	} else {
		p.refs[network.Images].buffer, p.refs[network.Images].planes = input, true
	}
	placed := make([]bool, len(p.refs))
	for i, s := range p.steps {
		if !placed[s.Out] { // a concatenation may be, by its parts
			p.refs[s.Out] = p.layout(s)
		}
		v, from := s.Out, 0
		if w := whole[s.Out]; w.value != network.None {
			v, from = w.value, w.from
			if !placed[v] {
				p.refs[v] = wide(p.network.Shape(v))
			}
		}
		if in := s.In[0]; s.inPlace() && placed[in] && last[in] <= i && v == s.Out {
			placed[in], placed[v] = false, true
			p.refs[v].buffer = p.refs[in].buffer
		}
		if !placed[v] {
			placed[v] = true
			p.refs[v].buffer = p.slots.Take(p.refs[v].places * p.refs[v].channels)
		}
		if v != s.Out {
			r := &p.refs[s.Out]
			r.buffer, r.from, r.step = p.refs[v].buffer, from, p.refs[v].step
		}
		for u := range p.refs {
			if placed[u] && last[u] <= i {
				placed[u] = false
				p.slots.Free(p.refs[u].buffer)
			}
		}
	}
}

// isBesideImages tells whether a step reads the images, or what lies as they do, beside
// another value.
func (p *Plan) isBesideImages() bool {
	planes := make([]bool, len(p.refs))
	planes[network.Images] = true
	for _, s := range p.steps {
		reads := s.Reads()
		if len(reads) > 1 && slices.ContainsFunc(reads, func(v network.Value) bool { return planes[v] }) {
			return true
		}
		planes[s.Out] = planes[s.In[0]] && keepsLayout(s.Node.Op)
	}
	return false
}

// layout is that of a step's result, but for the buffer.
func (p *Plan) layout(s *step) ref {
	r := wide(p.network.Shape(s.Out))
	before := p.refs[s.In[0]]
	if !keepsLayout(s.Node.Op) {
		return r
	}
	r.planes = before.planes
	if _, is := s.Node.Op.(network.Rescale); !is {
		// A row of an image's numbers is that image.
		r.places, r.channels, r.step = before.places, before.channels, before.channels
	}
	return r
}

// keepsLayout tells whether the result of an operation lies as what it is made of.
func keepsLayout(op network.Op) bool {
	switch op.(type) {
	case network.Rescale, network.Normalize, network.HardSwish, network.HardSigmoid, network.GELU, network.ReLU:
		return true
	}
	return false
}

// wide is the layout of a shape.
func wide(shape []int) ref {
	switch len(shape) {
	case 3:
		return ref{places: shape[1] * shape[2], channels: shape[0], step: shape[0]}
	case 2: // tokens
		return ref{places: shape[0], channels: shape[1], step: shape[1]}
	}
	n := network.Elements(shape)
	return ref{places: 1, channels: n, step: n}
}

// part is that of a larger value, from a channel on.
type part struct {
	value network.Value
	from  int
}

// parts finds the values that can be made where a concatenation will have them.
func (p *Plan) parts(last []int) []part {
	whole := make([]part, len(p.refs))
	for v := range whole {
		whole[v].value = network.None
	}
	at := make([]int, len(p.refs))
	for v := range at {
		at[v] = -1
	}
	for i, s := range p.steps {
		at[s.Out] = i
	}
	for i, s := range p.steps {
		if _, is := s.Node.Op.(network.Concat); !is {
			continue
		}
		from := 0
		for _, v := range s.In {
			if at[v] >= 0 && last[v] == i && p.steps[at[v]].strided() && p.readers(v) == 1 {
				whole[v] = part{s.Out, from}
			}
			from += p.network.Shape(v)[0]
		}
	}
	return whole
}

// readers is how many steps read a value.
func (p *Plan) readers(v network.Value) int {
	n := 0
	for _, s := range p.steps {
		for _, r := range s.Reads() {
			if r == v {
				n++
			}
		}
	}
	return n
}

// strided tells that a step can store its result as a part of another value.
func (s *step) strided() bool {
	switch s.Node.Op.(type) {
	case network.Convolution, network.MaxPool, network.AveragePool:
		return true
	}
	return false
}

// inPlace tells that a step may store its result over its first input, number by number.
func (s *step) inPlace() bool {
	switch s.Node.Op.(type) {
	case network.ReLU, network.HardSwish, network.HardSigmoid, network.GELU, network.Scale, network.Gate, network.Add, network.Positions, network.Normalize, network.LayerNorm:
		return true
	}
	return false
}
