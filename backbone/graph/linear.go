package graph

import (
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// linear is x·Wᵀ + b, where W is outputs × inputs, with a result of a shape. x is
// of any shape that makes rows of inputs numbers.
func (b *builder) linear(parameters, result []int, x *gorgonia.Node) *gorgonia.Node {
	weight, bias := b.parameter(parameters[0]), b.parameter(parameters[1])
	outputs, inputs := weight.Shape()[0], weight.Shape()[1]
	batch := x.Shape().TotalSize() / inputs // rows
	forward := func(dst []float32, in [][]float32) {
		for i := range batch {
			copy(dst[i*outputs:], in[2])
		}
		kernel.Gemm(batch, outputs, inputs, 1, kernel.Mat{Data: in[0], Stride: inputs},
			kernel.Mat{Data: in[1], Stride: inputs, Trans: true}, 1, kernel.Mat{Data: dst, Stride: outputs})
	}
	inputGradient := func(dst []float32, in [][]float32) { // of dy, W
		kernel.Gemm(batch, inputs, outputs, 1, kernel.Mat{Data: in[0], Stride: outputs},
			kernel.Mat{Data: in[1], Stride: inputs}, 0, kernel.Mat{Data: dst, Stride: inputs})
	}
	weightGradient := func(dst []float32, in [][]float32) { // of dy, x
		kernel.Gemm(outputs, inputs, batch, 1, kernel.Mat{Data: in[0], Stride: outputs, Trans: true},
			kernel.Mat{Data: in[1], Stride: inputs}, 0, kernel.Mat{Data: dst, Stride: inputs})
	}
	biasGradient := func(dst []float32, in [][]float32) { // of dy
		clear(dst)
		for i := range batch {
			kernel.Axpy(dst, 1, in[0][i*outputs:(i+1)*outputs])
		}
	}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		var dx *gorgonia.Node
		if b.moves[x] {
			dx = b.gradient("linear input", x, inputGradient, grad, in[1])
		}
		return gorgonia.Nodes{dx,
			b.gradient("linear weight", in[1], weightGradient, grad, x),
			b.gradient("linear bias", in[2], biasGradient, grad)}
	}
	return b.forward("linear", append([]int{x.Shape()[0]}, result...), diff, forward, x, weight, bias)
}
