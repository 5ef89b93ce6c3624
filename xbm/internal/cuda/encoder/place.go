package encoder

import (
	"slices"

	"crossbatch/backbone/network"
)

// place gives every value a buffer: one that no later step reads any more.
func (p *plan) place() {
	last := make([]int, len(p.values)) // the step that reads a value last
	for i, s := range p.steps {
		for _, v := range s.Reads() {
			last[v] = i
		}
	}
	last[p.output] = len(p.steps)
	live := []network.Value{network.Images}
	p.values[network.Images].slot = p.slots.Take(p.values[network.Images].size())
	for i, s := range p.steps {
		p.values[s.Out].slot = p.slots.Take(p.values[s.Out].size())
		live = append(live, s.Out)
		live = slices.DeleteFunc(live, func(v network.Value) bool {
			if last[v] <= i {
				p.slots.Free(p.values[v].slot)
			}
			return last[v] <= i
		})
	}
	p.buffers = make([]buffer, len(p.slots.Sizes))
}
