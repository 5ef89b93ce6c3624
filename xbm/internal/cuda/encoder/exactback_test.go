//go:build nvidia

package encoder

import "crossbatch/backbone/network"

// backward adds a node's gradients to those of its inputs and parameters.
func (e *exact) backward(node int) {
	n, v := &e.network.Nodes[node], network.Value(node+1)
	from := n.Inputs[0]
	in, out, x, dy := e.network.Shape(from), e.network.Shape(v), e.values[from], e.back[v]
	for _, w := range n.Inputs {
		if e.back[w] == nil {
			e.back[w] = make([]float64, e.batch*e.size(w))
		}
	}
	dx := e.back[from]
	of := func(k int) []float64 { return e.arrays[n.Parameters[k]] }
	to := func(k int) []float64 { return e.grads[n.Parameters[k]] }
	eachChannel := func(use func(to, dy, signs []float64)) {
		for i := range e.batch * in[0] {
			b, c := i/in[0], i%in[0]
			use(e.pixels(dx, from, b, c), e.pixels(dy, v, b, c), e.pixels(e.signs[from], from, b, c))
		}
	}
	switch op := n.Op.(type) {
	case network.Rescale: // of the images
	case network.Convolution:
		all, taps := windows(in, out, op.Size, op.Stride, op.Pad), op.Size*op.Size
		for i := range e.batch * out[0] * in[0] {
			b, f, c := i/in[0]/out[0], i/in[0]%out[0], i%in[0]
			g, pixels, back := e.pixels(dy, v, b, f), e.pixels(x, from, b, c), e.pixels(dx, from, b, c)
			filter, gradient := of(0)[(f*in[0]+c)*taps:], to(0)[(f*in[0]+c)*taps:]
			for _, w := range all {
				gradient[w.tap] += g[w.place] * pixels[w.pixel]
				back[w.pixel] += g[w.place] * filter[w.tap]
			}
			for k := range g {
				if op.Bias && c == 0 {
					to(1)[f] += g[k]
				}
			}
		}
	case network.BatchNorm:
		for c := range in[0] {
			mean, inverse := e.normal(from, c, op.Epsilon)
			var sum, along, count float64
			for b := range e.batch {
				for k, p := range e.pixels(x, from, b, c) {
					g := e.pixels(dy, v, b, c)[k]
					sum, along, count = sum+g, along+g*(p-mean)*inverse, count+1
				}
			}
			to(0)[c], to(1)[c] = to(0)[c]+along, to(1)[c]+sum
			for b := range e.batch {
				for k, p := range e.pixels(x, from, b, c) {
					e.pixels(dx, from, b, c)[k] += of(0)[c] * inverse * (e.pixels(dy, v, b, c)[k] - sum/count - (p-mean)*inverse*along/count)
				}
			}
		}
	case network.ReLU:
		for i := range dx {
			if e.signs[from][i] > 0 {
				dx[i] += dy[i]
			}
		}
	case network.Add, network.Concat:
		at := 0
		for _, w := range n.Inputs {
			for i := range e.back[w] {
				e.back[w][i] += dy[i/e.size(w)*e.size(v)+at+i%e.size(w)]
			}
			if _, is := op.(network.Concat); is {
				at += e.size(w)
			}
		}
	case network.MaxPool:
		all := windows(in, out, op.Size, op.Stride, op.Pad)
		eachChannel(func(to, dy, signs []float64) {
			for k, p := range winners(signs, len(dy), all) {
				to[p] += dy[k]
			}
		})
	case network.AveragePool:
		all := windows(in, out, op.Size, op.Stride, op.Pad)
		eachChannel(func(to, dy, _ []float64) {
			for _, w := range all {
				to[w.pixel] += dy[w.place] / float64(op.Size*op.Size)
			}
		})
	case network.GlobalAverage:
		eachChannel(func(to, dy, _ []float64) {
			for k := range to {
				to[k] += dy[0] / float64(len(to))
			}
		})
	case network.Linear:
		m := e.size(from)
		for i, g := range dy {
			b, o := i/op.Outputs, i%op.Outputs
			to(1)[o] += g
			for k := range m {
				to(0)[o*m+k] += g * x[b*m+k]
				dx[b*m+k] += g * of(0)[o*m+k]
			}
		}
	case network.Normalize:
		m := e.size(from)
		for i := range dx {
			first, along := i/m*m, 0.0
			for k := range m {
				along += dy[first+k] * x[first+k] / e.length(from, i)
			}
			dx[i] += (dy[i] - along*x[i]/e.length(from, i)) / e.length(from, i)
		}
	}
}
