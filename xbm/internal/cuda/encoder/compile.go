package encoder

import (
	"fmt"

	"crossbatch/backbone/network"
)

// unknown is the error of an operation that no kernel is for.
func unknown(op network.Op) error { return fmt.Errorf("no kernel is for %T", op) }

// kinds of activation, as kernel/numbers.cu has them.
const (
	rectify = iota
	hardSwish
	hardSigmoid
	gelu
)

// compile finds how a step is run.
func (p *plan) compile(s *step) error {
	x, y := p.values[s.In[0]], p.values[s.Out]
	in, out := p.network.Shape(s.In[0]), p.network.Shape(s.Out)
	// each has a kernel make all numbers of the result, of its channels and step and more.
	each := func(kernel string, arguments ...any) {
		s.run = func(r *run) error {
			return r.each(kernel, r.batch*y.size(), func(n int) []any {
				return append([]any{r.at(s.Out), r.at(s.In[0]), n, y.channels, y.step}, arguments...)
			})
		}
	}
	switch op := s.Node.Op.(type) {
	case network.Convolution:
		p.convolution(s, op)
	case network.Linear:
		return p.linear(s, op)
	case network.Depthwise:
		p.depthwise(s, op)
	case network.BatchNorm:
		p.batchNorm(s)
	case network.ReLU:
		each("activate", rectify)
	case network.HardSwish:
		each("activate", hardSwish)
	case network.HardSigmoid:
		each("activate", hardSigmoid)
	case network.GELU:
		each("activate", gelu)
	case network.MaxPool:
		p.pool(s, sliding(in, out, op.Size, op.Stride, op.Pad), 0)
	case network.AveragePool:
		p.pool(s, sliding(in, out, op.Size, op.Stride, op.Pad), 1)
	case network.GlobalAverage:
		p.poolAll(s, x, 0, 1)
	case network.GlobalMax:
		p.poolAll(s, x, 0, 0)
	case network.MeanToken:
		p.poolAll(s, x, 1, 1)
	case network.FirstToken:
		p.firstToken(s, x)
	case network.Add:
		p.sum(s)
	case network.Concat:
		return p.concat(s, op)
	case network.Rescale:
		p.rescale(s, op)
	case network.Gate:
		p.gate(s, x)
	case network.Tokens:
		p.tokens(s, x)
	case network.Positions:
		p.positions(s, op)
	case network.Attention:
		return p.attention(s, op)
	case network.Scale:
		if x.places > 1 && x.turned {
			return unknown(op)
		}
		p.scale(s)
	case network.LayerNorm:
		if x.places > 1 && x.turned {
			return unknown(op)
		}
		p.layerNorm(s, op)
	case network.Normalize:
		s.run = func(r *run) error {
			return r.Launch("normalize", [3]int{r.batch, 1, 1}, reduceBytes, r.at(s.Out), r.at(s.In[0]), none, x.size())
		}
	default:
		return unknown(op)
	}
	return nil
}

// layoutOf is how the result of an operation lies.
func (p *plan) layoutOf(op network.Op, in, out network.Value) value {
	switch op.(type) {
	case network.Normalize, network.ReLU, network.HardSwish, network.HardSigmoid, network.GELU, network.Dropout:
		// Of any shape; a row of an image's numbers is that image.
		return p.values[in]
	}
	return lies(p.network.Shape(out))
}
