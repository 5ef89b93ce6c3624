package optim

// SGD is stochastic gradient descent, with heavy-ball momentum if that is not 0:
// u = momentum·u + g, value = value - rate·u. The zero value is plain descent.
type SGD struct {
	Momentum    float64
	WeightDecay float64 // factor of the values that is added to their gradient

	Velocity [][]float32 // u of each parameter; empty without momentum

	rate float64
}

// Begin implements [Optimizer].
func (s *SGD) Begin(rate float64) { s.rate = rate }

// Update implements [Optimizer].
func (s *SGD) Update(i int, value, grad []float32) {
	decay, rate, momentum := float32(s.WeightDecay), float32(s.rate), float32(s.Momentum)
	if momentum == 0 {
		for k, g := range grad {
			value[k] -= rate * (g + decay*value[k])
		}
		return
	}
	velocity := slot(&s.Velocity, i, len(value))
	for k, g := range grad {
		velocity[k] = momentum*velocity[k] + g + decay*value[k]
		value[k] -= rate * velocity[k]
	}
}
