package optim

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// SGD is stochastic gradient descent, with heavy-ball momentum if that is not 0:
// u = momentum·u + g, value = value - rate·u. The zero value is plain descent.
type SGD struct {
	Momentum    float64
	WeightDecay float64          // factor of the values that is added to their gradient
	Undecayed   func(i int) bool // parameters that do not decay; nil: none

	Velocity [][]float32 // u of each parameter; empty without momentum

	rate float64
}

// Begin implements [Optimizer].
func (s *SGD) Begin(rate float64) { s.rate = rate }

// Update implements [Optimizer].
func (s *SGD) Update(i int, factor float64, value, grad []float32) {
	decay, rate, momentum := float32(decay(s.WeightDecay, s.Undecayed, i)), float32(factor*s.rate), float32(s.Momentum)
	if momentum == 0 {
		kernel.Axpy(value, -rate*decay, value)
		kernel.Axpy(value, -rate, grad)
		return
	}
	velocity := slot(&s.Velocity, i, len(value))
	arithmetic.Combine(velocity, velocity, grad, momentum, 1, 0, 0)
	kernel.Axpy(velocity, decay, value)
	kernel.Axpy(value, -rate, velocity)
}

// State implements [Optimizer].
func (s *SGD) State() State { return State{Slots: []*[][]float32{&s.Velocity}} }
