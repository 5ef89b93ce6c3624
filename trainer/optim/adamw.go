package optim

import "crossbatch/xbm/kernel"

// AdamW is Adam whose weight decay is not part of the gradient: each value shrinks by
// the learning rate times WeightDecay.
//
//	Ilya Loshchilov, Frank Hutter. Decoupled Weight Decay Regularization. ICLR 2019.
//	https://arxiv.org/abs/1711.05101 (algorithm 2)
//
// As in PyTorch, and unlike in the paper, the decay goes with the learning rate.
type AdamW struct {
	WeightDecay float64          // share of the values taken off in a step of rate 1
	Undecayed   func(i int) bool // parameters that do not decay; nil: none

	adam Adam
	rate float64
}

// Begin implements [Optimizer].
func (a *AdamW) Begin(rate float64) {
	a.rate = rate
	a.adam.Begin(rate)
}

// Update implements [Optimizer].
func (a *AdamW) Update(i int, factor float64, value, grad []float32) {
	if d := decay(a.WeightDecay, a.Undecayed, i); d > 0 {
		kernel.Scale(value, float32(1-factor*a.rate*d), value)
	}
	a.adam.Update(i, factor, value, grad)
}

// State implements [Optimizer].
func (a *AdamW) State() State { return a.adam.State() }
