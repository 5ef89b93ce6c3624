package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// maxPool is the largest of each 2×2 square of x (batch × channels × height ×
// width). An odd last row or column is left out. Of equal elements the first,
// by rows, gets the gradient.
func (b *builder) maxPool(x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	p := &pooler{batch: in[0], channels: in[1], height: in[2], width: in[3]}
	shape := []int{p.batch, p.channels, p.height / 2, p.width / 2}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("max pool", x, p.gradient, grad, y, x)}
	}
	return b.forward("max pool", shape, diff, p.forward, x)
}

// pooler is a maxPool for one batch size.
type pooler struct{ batch, channels, height, width int }

func (p *pooler) forward(dst []float32, in [][]float32) {
	oh, ow := p.height/2, p.width/2
	p.rows(func(from, to int) {
		arithmetic.Pool(dst[to:to+ow], in[0][from:from+p.width], in[0][from+p.width:from+2*p.width])
	}, oh, ow)
}

func (p *pooler) gradient(dst []float32, in [][]float32) {
	grad, y, x := in[0], in[1], in[2]
	oh, ow := p.height/2, p.width/2
	p.rows(func(from, to int) {
		middle, end := from+p.width, from+2*p.width
		arithmetic.Unpool(dst[from:middle], dst[middle:end], grad[to:to+ow], y[to:to+ow], x[from:middle], x[middle:end])
		if p.width%2 == 1 {
			dst[middle-1], dst[end-1] = 0, 0
		}
	}, oh, ow)
	if p.height%2 == 1 {
		for i := range p.batch * p.channels {
			end := (i + 1) * p.height * p.width
			clear(dst[end-p.width : end])
		}
	}
}

// rows calls f for every row of the output, with the places in x where the two
// rows under it start and in the output where it starts.
func (p *pooler) rows(f func(from, to int), oh, ow int) {
	kernel.Parallel(p.batch, func(i int) {
		for c := i * p.channels; c < (i+1)*p.channels; c++ {
			for y := range oh {
				f((c*p.height+2*y)*p.width, (c*oh+y)*ow)
			}
		}
	})
}
