package graph

import (
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// tokens makes rows of the pixels of x, after the class
// token: batch × 1+height·width × channels.
func (b *builder) tokens(parameters []int, x *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	in := x.Shape()
	batch, plane, channels := in[0], in[1]*in[2], in[3]
	size := (1 + plane) * channels
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			copy(dst[i*size:], in[1])
			copy(dst[i*size+channels:], in[0][i*plane*channels:(i+1)*plane*channels])
		})
	}
	inputGradient := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			copy(dst[i*plane*channels:(i+1)*plane*channels], in[0][i*size+channels:])
		})
	}
	classGradient := func(dst []float32, in [][]float32) {
		clear(dst)
		for i := range batch {
			kernel.Axpy(dst, 1, in[0][i*size:i*size+channels])
		}
	}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{
			b.gradient("tokens input", x, inputGradient, grad),
			b.gradient("tokens class", in[1], classGradient, grad),
		}
	}
	return b.forward("tokens", []int{batch, 1 + plane, channels}, diff, forward, x, b.parameter(parameters[0]))
}

// firstToken is the first row of each of x (batch × tokens × dim): batch × dim.
func (b *builder) firstToken(x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	batch, dim, size := in[0], in[2], in[1]*in[2]
	forward := func(dst []float32, in [][]float32) {
		for i := range batch {
			copy(dst[i*dim:(i+1)*dim], in[0][i*size:])
		}
	}
	backward := func(dst []float32, in [][]float32) {
		clear(dst)
		for i := range batch {
			copy(dst[i*size:], in[0][i*dim:(i+1)*dim])
		}
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("first token", x, backward, grad)}
	}
	return b.forward("first token", []int{batch, dim}, diff, forward, x)
}

// meanToken is the mean of the rows of each of x (batch × tokens × dim) after the
// first: batch × dim.
func (b *builder) meanToken(x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	batch, tokens, dim := in[0], in[1], in[2]
	share := 1 / float32(tokens-1)
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			out := dst[i*dim : (i+1)*dim]
			clear(out)
			for t := 1; t < tokens; t++ {
				kernel.Axpy(out, share, in[0][(i*tokens+t)*dim:][:dim])
			}
		})
	}
	backward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			clear(dst[i*tokens*dim : (i*tokens+1)*dim])
			for t := 1; t < tokens; t++ {
				out := dst[(i*tokens+t)*dim:][:dim]
				copy(out, in[0][i*dim:])
				kernel.Scale(out, share, out)
			}
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("mean token", x, backward, grad)}
	}
	return b.forward("mean token", []int{batch, dim}, diff, forward, x)
}

// scale multiplies each row of x (batch × dim, or batch × tokens × dim) by a
// number for each place of a row.
func (b *builder) scale(parameters []int, x *gorgonia.Node) *gorgonia.Node {
	shape := x.Shape()
	dim := shape[len(shape)-1]
	rows := shape.TotalSize() / dim
	multiply := func(dst []float32, in [][]float32) {
		each(rows, func(from, to int) {
			for i := from; i < to; i++ {
				for j, v := range in[0][i*dim : (i+1)*dim] {
					dst[i*dim+j] = v * in[1][j]
				}
			}
		})
	}
	factorGradient := func(dst []float32, in [][]float32) { // of dy, x
		each(dim, func(from, to int) {
			var sums [somePieces]float64
			for i := range rows {
				x := in[1][i*dim+from : i*dim+to]
				for j, g := range in[0][i*dim+from : i*dim+to] {
					sums[j] += float64(g) * float64(x[j])
				}
			}
			for j := from; j < to; j++ {
				dst[j] = float32(sums[j-from])
			}
		})
	}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{
			b.gradient("scale input", x, multiply, grad, in[1]),
			b.gradient("scale factor", in[1], factorGradient, grad, x),
		}
	}
	return b.forward("scale", shape, diff, multiply, x, b.parameter(parameters[0]))
}
