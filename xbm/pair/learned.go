package pair

// Param is something that a loss learns. A run stores the gradient; an optimizer
// then moves the value.
type Param struct {
	Name        string
	Value, Grad []float32
}

// Learner is a loss that has something to learn.
type Learner interface{ Params() []Param }

// Params is what the loss has to learn, mined or not.
func Params(l Loss) []Param {
	if m, ok := l.(*Mined); ok {
		l = m.Loss
	}
	if learner, ok := l.(Learner); ok {
		return learner.Params()
	}
	return nil
}

// ClassLoss is a loss between a batch and learned weights that stand for classes:
// the labels of the weights say for which.
type ClassLoss interface {
	Loss
	// PerClass is how many rows of weights a class has, one after the other.
	PerClass() int
	// WeightsAreAnchors says that the weights are the anchors and the batch the columns;
	// else it is the other way about.
	WeightsAreAnchors() bool
}
