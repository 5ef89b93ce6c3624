package graph

import (
	"math"
	"slices"

	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// attention is multi-head self-attention over x (batch × tokens × 3·dim): queries,
// keys, values, each of all heads. Its result is batch × tokens × dim.
func (b *builder) attention(op network.Attention, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	a := &attender{batch: in[0], tokens: in[1], dim: in[2] / 3, heads: op.Heads, scratch: b.scratch}
	a.width = a.dim / a.heads
	a.scale = float32(1 / math.Sqrt(float64(a.width)))
	a.keeps = b.mode == Training
	if a.keeps {
		a.shares = make([]float32, a.batch*a.heads*a.tokens*a.tokens)
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{b.gradient("attention", x, a.backward, grad, x)}
	}
	return b.forward("attention", []int{a.batch, a.tokens, a.dim}, diff, a.forward, x)
}

// attender is an attention for one batch size.
type attender struct {
	batch, tokens, dim, heads, width int
	scale                            float32
	scratch                          *Scratch
	keeps                            bool
	shares                           []float32 // of the last batch: batch × heads × tokens × tokens
}

// parts are the queries, keys and values of a head in x, or in its gradient.
func (a *attender) parts(x []float32, image, head int) (q, k, v kernel.Mat) {
	stride := 3 * a.dim
	from := x[image*a.tokens*stride+head*a.width:]
	return kernel.Mat{Data: from, Stride: stride}, kernel.Mat{Data: from[a.dim:], Stride: stride}, kernel.Mat{Data: from[2*a.dim:], Stride: stride}
}

// part is a head's part of the result, or of its gradient.
func (a *attender) part(y []float32, image, head int) kernel.Mat {
	return kernel.Mat{Data: y[image*a.tokens*a.dim+head*a.width:], Stride: a.dim}
}

// share is room for how much each token takes of each other.
func (a *attender) share(place int) []float32 {
	size := a.tokens * a.tokens
	if a.keeps {
		return a.shares[place*size : (place+1)*size]
	}
	return a.scratch.Take(size)
}

func (a *attender) forward(dst []float32, in [][]float32) {
	t := a.tokens
	kernel.Parallel(a.batch*a.heads, func(place int) {
		image, head := place/a.heads, place%a.heads
		q, k, v := a.parts(in[0], image, head)
		p := a.share(place)
		if !a.keeps {
			defer a.scratch.Put(p)
		}
		k.Trans = true
		kernel.GemmSerial(t, t, a.width, 1, q, k, 0, kernel.Mat{Data: p, Stride: t})
		for row := range slices.Chunk(p, t) {
			sum := kernel.Exp(row, row, slices.Max(row), a.scale)
			kernel.Scale(row, 1/sum, row)
		}
		kernel.GemmSerial(t, a.width, t, 1, kernel.Mat{Data: p, Stride: t}, v, 0, a.part(dst, image, head))
	})
}

// backward stores dL/dx, given dL/dy and x. With P the shares, whose rows are
// softmaxes of scale·QKᵀ,
//
//	dV = PᵀdY,  dP = dY·Vᵀ,  dS = P∘(dP - rowsum(dP∘P)),  dQ = scale·dS·K,  dK = scale·dSᵀ·Q.
func (a *attender) backward(dst []float32, in [][]float32) {
	t := a.tokens
	kernel.Parallel(a.batch*a.heads, func(place int) {
		image, head := place/a.heads, place%a.heads
		q, k, v := a.parts(in[1], image, head)
		dq, dk, dv := a.parts(dst, image, head)
		dy, p := a.part(in[0], image, head), a.share(place)
		ds := a.scratch.Take(t * t)
		defer a.scratch.Put(ds)
		kernel.GemmSerial(t, a.width, t, 1, kernel.Mat{Data: p, Stride: t, Trans: true}, dy, 0, dv)
		v.Trans = true
		kernel.GemmSerial(t, t, a.width, 1, dy, v, 0, kernel.Mat{Data: ds, Stride: t})
		for i := range t {
			row, share := ds[i*t:(i+1)*t], p[i*t:(i+1)*t]
			mean := kernel.Dot(row, share)
			for j, s := range share {
				row[j] = s * (row[j] - mean)
			}
		}
		kernel.GemmSerial(t, a.width, t, a.scale, kernel.Mat{Data: ds, Stride: t}, k, 0, dq)
		kernel.GemmSerial(t, a.width, t, a.scale, kernel.Mat{Data: ds, Stride: t, Trans: true}, q, 0, dk)
	})
}
