package graph

import (
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// dropout leaves out each element of x with probability share in a training pass,
// and scales the others up, so that their mean stays; else it passes x on.
//
//	Nitish Srivastava, Geoffrey Hinton, Alex Krizhevsky, Ilya Sutskever, Ruslan
//	Salakhutdinov, Dropout: A Simple Way to Prevent Neural Networks from
//	Overfitting, JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html.
//	Unlike there, it is training that scales, not what comes after.
func (b *builder) dropout(op network.Dropout, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	if b.mode == Embedding {
		return x
	}
	shape := x.Shape()
	steps := b.arrays[parameters[0]].Value // training passes so far: with the seed, they draw what is left out
	size := shape.TotalSize() / shape[0]
	factors := make([]float32, shape.TotalSize())
	multiply := func(dst, y []float32) {
		for i, f := range factors {
			dst[i] = f * y[i]
		}
	}
	forward := func(dst []float32, in [][]float32) {
		step := steps[0]
		switch {
		case b.mode == Forward:
			step++ // what the next training pass leaves out
		case b.owner.First == 0:
			steps[0]++
			step++
		}
		kernel.Parallel(shape[0], func(i int) {
			op.Draw(factors[i*size:(i+1)*size], step, b.owner.place(i))
		})
		multiply(dst, in[0])
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that this comes after it.
		return gorgonia.Nodes{b.gradient("dropout", x, func(dst []float32, in [][]float32) { multiply(dst, in[0]) }, grad, y)}
	}
	return b.forward("dropout", shape, diff, forward, x)
}
