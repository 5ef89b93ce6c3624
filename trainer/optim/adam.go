package optim

import (
	"math"

	"crossbatch/backbone/arithmetic"
)

// Adam moves each value by its mean gradient over the root of its mean squared
// gradient.
//
//	Diederik P. Kingma, Jimmy Ba. Adam: A Method for Stochastic Optimization.
//	ICLR 2015. https://arxiv.org/abs/1412.6980 (algorithm 1)
//
// The zero value is ready and has the paper's constants: decay rates 0.9 and
// 0.999, epsilon 1e-8.
type Adam struct {
	WeightDecay float64          // factor of the values that is added to their gradient
	Undecayed   func(i int) bool // parameters that do not decay; nil: none

	Steps  int64       // steps begun
	First  [][]float32 // mean gradient of each parameter
	Second [][]float32 // mean squared gradient of each parameter

	rate, bias float64 // learning rate over the first moment's bias, root of the second's
}

const (
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-8
)

// Begin implements [Optimizer].
func (a *Adam) Begin(rate float64) {
	a.Steps++
	a.rate = rate / (1 - math.Pow(beta1, float64(a.Steps)))
	a.bias = math.Sqrt(1 - math.Pow(beta2, float64(a.Steps)))
}

// Update implements [Optimizer].
func (a *Adam) Update(i int, factor float64, value, grad []float32) {
	first, second := slot(&a.First, i, len(value)), slot(&a.Second, i, len(value))
	step := arithmetic.Adam{
		Beta1: beta1, Rest1: 1 - beta1, Beta2: beta2, Rest2: 1 - beta2,
		Rate: float32(factor * a.rate), Scale: float32(1 / a.bias), Epsilon: epsilon, Decay: float32(decay(a.WeightDecay, a.Undecayed, i)),
	}
	step.Step(value, grad, first, second)
}

// State implements [Optimizer].
func (a *Adam) State() State {
	return State{Steps: &a.Steps, Slots: []*[][]float32{&a.First, &a.Second}}
}
