package trainer

import "crossbatch/trainer/optim"

// Elsewhere is an [Encoder] that has its weights and gradients somewhere else, as on a device:
// its State brings them here, and what is written there goes back. The optimizer's steps, and
// the look for gradients that are not finite, are then taken where they are.
type Elsewhere interface {
	Encoder
	// Trained calls visit for each parameter that is trained: its number among those of State,
	// and its name. It brings nothing here.
	Trained(visit func(i int, name string))
	// Optimizer returns the optimizer of a configuration that updates the encoder's parameters
	// where they are: its Update looks at the number and the factor only.
	Optimizer(c optim.Config) (optim.Optimizer, error)
	// Finite reports whether the gradients of the last Train, and the buffers, are finite.
	Finite() (bool, error)
	// Err returns the first error of State, of an optimizer's Update or State: what these gave
	// is then worth nothing.
	Err() error
}

// newOptimizer is the optimizer of the encoder's parameters.
func newOptimizer(e Encoder, c optim.Config) (optim.Optimizer, error) {
	if e, is := e.(Elsewhere); is {
		return e.Optimizer(c)
	}
	return optim.New(c)
}

// elsewhereErr is the error of an encoder whose weights are elsewhere.
func elsewhereErr(e Encoder) error {
	if e, is := e.(Elsewhere); is {
		return e.Err()
	}
	return nil
}

// updateWeights takes the optimizer's step of each parameter.
func (t *Training) updateWeights() {
	factor := func(name string) float64 {
		if t.Config.Optimizer.HeadLR > 0 && t.Encoder.Head(name) {
			return t.Config.Optimizer.HeadLR
		}
		return 1
	}
	if e, is := t.Encoder.(Elsewhere); is {
		e.Trained(func(i int, name string) { t.optimizer.Update(i, factor(name), nil, nil) })
		return
	}
	i := 0
	t.Encoder.State(func(name string, _ []int, value, grad []float32) {
		if grad != nil {
			t.optimizer.Update(i, factor(name), value, grad)
		}
		i++
	})
}
