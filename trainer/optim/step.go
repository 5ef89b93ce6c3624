package optim

// Step is what Update does to one parameter, in plain numbers, for who has the parameter
// somewhere else. With g = gradient + Decay·value, each value, multiplied by Shrink first,
// moves by -Rate times
//
//	adam     first/(Scale·√second + Epsilon)
//	rmsprop  g/(√second + Epsilon)
//	sgd      g
//
// first and second are moving means of g and g², which keep the shares Beta1 and Beta2. With a
// Momentum the move of rmsprop and sgd is a velocity: it keeps that share of itself, and the
// above is added.
type Step struct {
	Kind                            string // adam, rmsprop or sgd
	Shrink, Decay, Rate, Scale      float64
	Beta1, Beta2, Epsilon, Momentum float64
}

// Told is an optimizer that tells its steps.
type Told interface {
	Optimizer
	// Step is what Update would do to parameter i in this step.
	Step(i int, factor float64) Step
}

var _, _, _, _ Told = (*Adam)(nil), (*AdamW)(nil), (*RMSprop)(nil), (*SGD)(nil)

// Step implements [Told].
func (a *Adam) Step(i int, factor float64) Step {
	return Step{Kind: "adam", Shrink: 1, Decay: decay(a.WeightDecay, a.Undecayed, i), Rate: factor * a.rate, Scale: 1 / a.bias,
		Beta1: beta1, Beta2: beta2, Epsilon: epsilon}
}

// Step implements [Told].
func (a *AdamW) Step(i int, factor float64) Step {
	s := a.adam.Step(i, factor)
	s.Shrink = 1 - factor*a.rate*decay(a.WeightDecay, a.Undecayed, i)
	return s
}

// Step implements [Told].
func (r *RMSprop) Step(i int, factor float64) Step {
	return Step{Kind: "rmsprop", Shrink: 1, Decay: decay(r.WeightDecay, r.Undecayed, i), Rate: factor * r.rate,
		Beta2: squaresKept, Epsilon: epsilon, Momentum: r.Momentum}
}

// Step implements [Told].
func (s *SGD) Step(i int, factor float64) Step {
	return Step{Kind: "sgd", Shrink: 1, Decay: decay(s.WeightDecay, s.Undecayed, i), Rate: factor * s.rate, Momentum: s.Momentum}
}
