//go:build nvidia

package encoder

import (
	"fmt"
	"math"

	"crossbatch/backbone/network"
)

// exact is a training step of a network in float64, node by node: the plain twin of the
// device's. Values lie channels first.
type exact struct {
	network *network.Network
	batch   int
	arrays  [][]float64
	values  [][]float64
	signs   [][]float64 // values whose signs, and largest numbers, the way back goes by
	back    [][]float64 // the values' gradients
	grads   [][]float64
}

// window is a place of a node's result, a pixel that it sees, and where in the window that is.
type window struct{ place, pixel, tap int }

func windows(in, out []int, size, stride, pad int) (all []window) {
	for p := range out[1] * out[2] {
		for tap := range size * size {
			y, x := p/out[2]*stride-pad+tap/size, p%out[2]*stride-pad+tap%size
			if y >= 0 && x >= 0 && y < in[1] && x < in[2] {
				all = append(all, window{p, y*in[2] + x, tap})
			}
		}
	}
	return all
}

// size is how many numbers an image has of a value.
func (e *exact) size(v network.Value) int { return network.Elements(e.network.Shape(v)) }

// pixels are those of a channel of a value, of an image.
func (e *exact) pixels(x []float64, v network.Value, image, channel int) []float64 {
	shape := e.network.Shape(v)
	n := network.Elements(shape[1:])
	return x[(image*shape[0]+channel)*n:][:n]
}

// normal is the mean of a channel, and 1/deviation.
func (e *exact) normal(v network.Value, channel int, epsilon float64) (mean, inverse float64) {
	var square float64
	n := float64(e.batch * network.Elements(e.network.Shape(v)[1:]))
	for b := range e.batch {
		for _, x := range e.pixels(e.values[v], v, b, channel) {
			mean += x / n
		}
	}
	for b := range e.batch {
		for _, x := range e.pixels(e.values[v], v, b, channel) {
			square += (x - mean) * (x - mean) / n
		}
	}
	return mean, 1 / math.Sqrt(square+epsilon)
}

// length is that of the row with number i of a value.
func (e *exact) length(v network.Value, i int) float64 {
	var square float64
	for _, x := range e.values[v][i/e.size(v)*e.size(v):][:e.size(v)] {
		square += x * x
	}
	return math.Sqrt(square)
}

// winners are the pixels that are the largest of each place: the first of equal ones.
func winners(x []float64, places int, all []window) []int {
	won := make([]int, places)
	for i := range won {
		won[i] = -1
	}
	for _, w := range all {
		if k := won[w.place]; k < 0 || x[w.pixel] > x[k] {
			won[w.place] = w.pixel
		}
	}
	return won
}

// forward makes the result of a node.
func (e *exact) forward(node int) {
	n, v := &e.network.Nodes[node], network.Value(node+1)
	from := n.Inputs[0]
	in, out, x := e.network.Shape(from), e.network.Shape(v), e.values[from]
	y := make([]float64, e.batch*e.size(v))
	e.values[v] = y
	of := func(k int) []float64 { return e.arrays[n.Parameters[k]] }
	eachChannel := func(use func(to, x []float64, c int)) {
		for i := range e.batch * out[0] {
			use(e.pixels(y, v, i/out[0], i%out[0]), e.pixels(x, from, i/out[0], i%out[0]), i%out[0])
		}
	}
	switch op := n.Op.(type) {
	case network.Rescale:
		for i := range e.batch * out[0] {
			b, c := i/out[0], i%out[0]
			for k, p := range e.pixels(x, from, b, op.From[c]) {
				e.pixels(y, v, b, c)[k] = p*float64(op.Factor[c]) + float64(op.Shift[c])
			}
		}
	case network.Convolution:
		all, taps := windows(in, out, op.Size, op.Stride, op.Pad), op.Size*op.Size
		for i := range e.batch * out[0] * in[0] {
			b, f, c := i/in[0]/out[0], i/in[0]%out[0], i%in[0]
			to, pixels, filter := e.pixels(y, v, b, f), e.pixels(x, from, b, c), of(0)[(f*in[0]+c)*taps:]
			for k := range to {
				if op.Bias && c == 0 {
					to[k] = of(1)[f]
				}
			}
			for _, w := range all {
				to[w.place] += filter[w.tap] * pixels[w.pixel]
			}
		}
	case network.BatchNorm:
		for c := range in[0] {
			mean, inverse := e.normal(from, c, op.Epsilon)
			for b := range e.batch {
				for k, p := range e.pixels(x, from, b, c) {
					e.pixels(y, v, b, c)[k] = (p-mean)*inverse*of(0)[c] + of(1)[c]
				}
			}
		}
	case network.ReLU:
		for i := range y {
			y[i] = max(x[i], 0)
		}
	case network.Add:
		for i := range y {
			y[i] = x[i] + e.values[n.Inputs[1]][i]
		}
	case network.MaxPool:
		all := windows(in, out, op.Size, op.Stride, op.Pad)
		eachChannel(func(to, x []float64, _ int) {
			for k, p := range winners(x, len(to), all) {
				to[k] = x[p]
			}
		})
	case network.AveragePool:
		all := windows(in, out, op.Size, op.Stride, op.Pad)
		eachChannel(func(to, x []float64, _ int) {
			for _, w := range all {
				to[w.place] += x[w.pixel] / float64(op.Size*op.Size)
			}
		})
	case network.GlobalAverage:
		eachChannel(func(to, x []float64, _ int) {
			for _, p := range x {
				to[0] += p / float64(len(x))
			}
		})
	case network.Concat:
		at := 0
		for _, w := range n.Inputs {
			for b := range e.batch {
				at := b*e.size(v) + at
				copy(y[at:], e.values[w][b*e.size(w):(b+1)*e.size(w)])
			}
			at += e.size(w)
		}
	case network.Linear:
		for i := range y {
			b, o, m := i/op.Outputs, i%op.Outputs, e.size(from)
			y[i] = of(1)[o]
			for k := range m {
				y[i] += of(0)[o*m+k] * x[b*m+k]
			}
		}
	case network.Normalize:
		for i := range y {
			y[i] = x[i] / e.length(from, i)
		}
	default:
		panic(fmt.Sprintf("no twin of %T", op))
	}
}
