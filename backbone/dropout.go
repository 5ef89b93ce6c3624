package backbone

import (
	"math/rand/v2"

	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// dropout leaves out each element of x with a chance of share in a training pass,
// and scales the others up, so that their mean stays; else it passes x on.
//
//	Nitish Srivastava, Geoffrey Hinton, Alex Krizhevsky, Ilya Sutskever, Ruslan
//	Salakhutdinov, Dropout: A Simple Way to Prevent Neural Networks from
//	Overfitting, JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html.
//	Unlike there, it is training that scales, not what comes after.
type dropout struct {
	share float64
	seed  uint64
	steps *parameter // training passes so far: with the seed, they draw what is left out
	first *int       // images of the pass that came before those in work
}

const dropoutStream = 0xd509

func newDropout(s *state, name string, share float64) dropout {
	return dropout{share: share, seed: s.seed, first: &s.first, steps: s.buffer(name+".steps", 0, 1)}
}

func (l dropout) apply(b *builder, x *gorgonia.Node) *gorgonia.Node {
	if !b.training {
		return x
	}
	shape := x.Shape()
	size := elements(shape[1:])
	factors := make([]float32, elements(shape))
	multiply := func(dst, y []float32) {
		for i, f := range factors {
			dst[i] = f * y[i]
		}
	}
	forward := func(dst []float32, in [][]float32) {
		if *l.first == 0 {
			l.steps.value[0]++
		}
		kernel.Parallel(shape[0], func(i int) {
			l.draw(factors[i*size:(i+1)*size], *l.first+i)
		})
		multiply(dst, in[0])
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that this comes after it.
		return gorgonia.Nodes{b.gradient("dropout", x, func(dst []float32, in [][]float32) { multiply(dst, in[0]) }, grad, y)}
	}
	return b.forward("dropout", shape, diff, forward, x)
}

// draw stores the factors of an image's elements, for the step at hand.
func (l dropout) draw(factors []float32, image int) {
	rng := rand.New(rand.NewPCG(l.seed^dropoutStream, uint64(l.steps.value[0])<<32|uint64(image)))
	kept := float32(1 / (1 - l.share))
	for i := range factors {
		factors[i] = 0
		if rng.Float64() >= l.share {
			factors[i] = kept
		}
	}
}
