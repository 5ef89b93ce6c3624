// Package optim updates parameters from their gradients: stochastic gradient
// descent, Adam, AdamW and RMSprop, with a schedule for the learning rate. What an optimizer
// remembers is in exported fields, so that a checkpoint can hold it.
//
// Not here: gradients, and which parameters there are.
package optim

import (
	"fmt"
	"strings"
)

// Optimizer updates parameters in place. Not safe for concurrent use.
type Optimizer interface {
	// Begin starts a step with the given learning rate.
	Begin(rate float64)
	// Update moves the values of parameter number i against their gradient, by
	// factor times the learning rate. Both slices have one length, and a number
	// stands for one parameter throughout.
	Update(i int, factor float64, value, grad []float32)
	// State is what it remembers, for a checkpoint; see [Saved].
	State() State
}

// Config says which optimizer, with what parameters.
type Config struct {
	Name        string  // "adam" (default when empty), "adamw", "rmsprop" or "sgd"
	WeightDecay float64 // factor of the values that is added to their gradient, 0 or more; of adamw see there
	Momentum    float64 // of rmsprop and sgd, from 0 up to, not including, 1

	// Undecayed tells which parameters, by number, do not decay; nil: none.
	Undecayed func(i int) bool
}

type kind struct {
	name string
	new  func(Config) Optimizer
}

// kinds are the optimizers, the default first. Each is a row here, and a file with
// its type.
func kinds() []kind {
	return []kind{
		{"adam", func(c Config) Optimizer { return &Adam{WeightDecay: c.WeightDecay, Undecayed: c.Undecayed} }},
		{"adamw", func(c Config) Optimizer { return &AdamW{WeightDecay: c.WeightDecay, Undecayed: c.Undecayed} }},
		{"rmsprop", func(c Config) Optimizer {
			return &RMSprop{WeightDecay: c.WeightDecay, Undecayed: c.Undecayed, Momentum: c.Momentum}
		}},
		{"sgd", func(c Config) Optimizer {
			return &SGD{WeightDecay: c.WeightDecay, Undecayed: c.Undecayed, Momentum: c.Momentum}
		}},
	}
}

// Names lists the optimizers, the default first.
func Names() (names []string) {
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// New returns the optimizer that c describes.
func New(c Config) (Optimizer, error) {
	if !(c.WeightDecay >= 0) {
		return nil, fmt.Errorf("optim: the weight decay is %g: give 0 or more", c.WeightDecay)
	}
	if !(c.Momentum >= 0 && c.Momentum < 1) {
		return nil, fmt.Errorf("optim: the momentum is %g: give a value from 0 up to, not including, 1", c.Momentum)
	}
	for _, k := range kinds() {
		if c.Name == k.name || c.Name == "" {
			return k.new(c), nil
		}
	}
	return nil, fmt.Errorf("optim: there is no optimizer %q: known are %s", c.Name, strings.Join(Names(), ", "))
}

// decay is that of parameter i.
func decay(factor float64, undecayed func(i int) bool, i int) float64 {
	if undecayed != nil && undecayed(i) {
		return 0
	}
	return factor
}

// slot returns the n numbers that are remembered for parameter i, zeros at
// first.
func slot(s *[][]float32, i, n int) []float32 {
	for len(*s) <= i {
		*s = append(*s, nil)
	}
	if (*s)[i] == nil {
		(*s)[i] = make([]float32, n)
	}
	return (*s)[i]
}
