package encoder

import (
	"slices"

	"crossbatch/backbone/network"
)

// place gives every value a buffer: one that no later step reads any more, the smallest
// that is large enough, or else the largest.
func (p *plan) place() {
	last := make([]int, len(p.values)) // the step that reads a value last
	for i, s := range p.steps {
		for _, v := range s.Reads() {
			last[v] = i
		}
	}
	last[p.output] = len(p.steps)
	var free []int
	take := func(size int) int {
		best := -1
		for k, b := range free {
			switch have := p.sizes[b]; {
			case best < 0, have >= size && (p.sizes[free[best]] < size || have < p.sizes[free[best]]), have < size && have > p.sizes[free[best]]:
				best = k
			}
		}
		if best < 0 {
			p.sizes = append(p.sizes, size)
			return len(p.sizes) - 1
		}
		b := free[best]
		free = slices.Delete(free, best, best+1)
		p.sizes[b] = max(p.sizes[b], size)
		return b
	}
	live := []network.Value{network.Images}
	p.values[network.Images].slot = take(p.values[network.Images].size())
	for i, s := range p.steps {
		p.values[s.Out].slot = take(p.values[s.Out].size())
		live = append(live, s.Out)
		live = slices.DeleteFunc(live, func(v network.Value) bool {
			if last[v] <= i {
				free = append(free, p.values[v].slot)
			}
			return last[v] <= i
		})
	}
	p.buffers = make([]buffer, len(p.sizes))
}
