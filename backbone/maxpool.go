package backbone

import (
	"math"

	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// maxPool is the largest of each 2×2 square of x (batch × channels × height ×
// width). An odd last row or column is left out. Of equal elements the first,
// by rows, gets the gradient.
type maxPool struct{}

func (maxPool) apply(b *builder, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	p := &pooler{batch: in[0], channels: in[1], height: in[2], width: in[3]}
	shape := []int{p.batch, p.channels, p.height / 2, p.width / 2}
	p.winner = make([]uint8, elements(shape))
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that this comes after it.
		return gorgonia.Nodes{b.gradient("max pool", x, p.gradient, grad, y)}
	}
	return b.forward("max pool", shape, diff, p.forward, x)
}

// pooler is a maxPool for one batch size.
type pooler struct {
	batch, channels, height, width int

	winner []uint8 // for each output, which of its four inputs it was
}

func (p *pooler) forward(dst []float32, in [][]float32) {
	oh, ow := p.height/2, p.width/2
	p.rows(func(from, to int) {
		top := in[0][from:]
		bottom := in[0][from+p.width:]
		out := dst[to : to+ow]
		winner := p.winner[to : to+ow][:len(out)]
		for i := range out {
			top, bottom := top[2*i:2*i+2:2*i+2], bottom[2*i:2*i+2:2*i+2]
			// As integers: comparing those, the processor need not guess
			// which way a branch goes, and guessing is what takes the time.
			upper, which := ordered(top[0]), 0
			if k := ordered(top[1]); k > upper {
				upper, which = k, 1
			}
			lower, below := ordered(bottom[0]), 2
			if k := ordered(bottom[1]); k > lower {
				lower, below = k, 3
			}
			if lower > upper {
				upper, which = lower, below
			}
			out[i], winner[i] = unordered(upper), uint8(which)
		}
	}, oh, ow)
}

func (p *pooler) gradient(dst []float32, in [][]float32) {
	oh, ow := p.height/2, p.width/2
	p.rows(func(from, to int) {
		top := dst[from : from+p.width]
		bottom := dst[from+p.width : from+2*p.width]
		clear(top)
		clear(bottom)
		g, winner := in[0][to:to+ow], p.winner[to:to+ow]
		for i, which := range winner {
			if which < 2 {
				top[2*i+int(which)] = g[i]
			} else {
				bottom[2*i+int(which)-2] = g[i]
			}
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

// ordered maps the bits of a float32 to an integer that compares as it does,
// and unordered back.
func ordered(f float32) int32 {
	bits := int32(math.Float32bits(f))
	return bits ^ (bits >> 31 & math.MaxInt32)
}

func unordered(key int32) float32 {
	return math.Float32frombits(uint32(key ^ (key >> 31 & math.MaxInt32)))
}
