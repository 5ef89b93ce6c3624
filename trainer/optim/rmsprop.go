package optim

import "math"

// RMSprop moves each value by its gradient over the root of its mean squared gradient,
// with heavy-ball momentum if that is not 0.
//
//	Tijmen Tieleman, Geoffrey Hinton. Lecture 6.5, RMSprop. COURSERA: Neural Networks
//	for Machine Learning, 2012.
//
// The constants are PyTorch's: 0.99 of the mean is kept in a step, and 1e-8 added to the
// root.
type RMSprop struct {
	Momentum    float64
	WeightDecay float64          // factor of the values that is added to their gradient
	Undecayed   func(i int) bool // parameters that do not decay; nil: none

	Second   [][]float32 // mean squared gradient of each parameter
	Velocity [][]float32 // of each parameter; empty without momentum

	rate float64
}

const squaresKept = 0.99

// Begin implements [Optimizer].
func (r *RMSprop) Begin(rate float64) { r.rate = rate }

// Update implements [Optimizer].
func (r *RMSprop) Update(i int, factor float64, value, grad []float32) {
	second := slot(&r.Second, i, len(value))
	var velocity []float32
	if r.Momentum > 0 {
		velocity = slot(&r.Velocity, i, len(value))
	}
	d, rate, momentum := float32(decay(r.WeightDecay, r.Undecayed, i)), float32(factor*r.rate), float32(r.Momentum)
	for k, g := range grad {
		g += float32(d * value[k])
		v := float32(squaresKept*second[k]) + float32((1-squaresKept)*float32(g*g))
		second[k] = v
		move := g / (float32(math.Sqrt(float64(v))) + epsilon)
		if velocity != nil {
			move += float32(momentum * velocity[k])
			velocity[k] = move
		}
		value[k] -= float32(rate * move)
	}
}

// State implements [Optimizer].
func (r *RMSprop) State() State { return State{Slots: []*[][]float32{&r.Second, &r.Velocity}} }
