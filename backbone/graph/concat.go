package graph

import "gorgonia.org/gorgonia"

// concat is the channels of images of one size, or the numbers of rows, one after the
// other.
func (b *builder) concat(x []*gorgonia.Node) *gorgonia.Node {
	channels, total := make([]int, len(x)), 0
	for k := range x {
		x[k] = b.pixels(x[k])
		channels[k] = x[k].Shape()[x[k].Dims()-1]
		total += channels[k]
	}
	shape := x[0].Shape().Clone()
	last := len(shape) - 1
	pixels := shape.TotalSize() / shape[last]
	shape[last] = total
	forward := func(dst []float32, in [][]float32) {
		each(pixels, func(from, to int) {
			for p := from; p < to; p++ {
				at := p * total
				for k, c := range channels {
					at += copy(dst[at:], in[k][p*c:(p+1)*c])
				}
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		all, start := make(gorgonia.Nodes, len(x)), 0
		for k, n := range x {
			first, c := start, channels[k]
			start += c
			if !b.moves[n] {
				continue
			}
			all[k] = b.gradient("concat", n, func(dst []float32, in [][]float32) {
				each(pixels, func(from, to int) {
					for p := from; p < to; p++ {
						copy(dst[p*c:(p+1)*c], in[0][p*total+first:])
					}
				})
			}, grad)
		}
		return all
	}
	return b.like(x[0], b.forward("concat", shape, diff, forward, x...))
}
