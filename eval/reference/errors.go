// Package reference checks losses, the memory and metrics against cases: files with
// inputs and with the numbers that other implementations made of them, such as those
// in testdata/reference/cases.
package reference

import (
	"fmt"
	"math"
)

// Tolerance is the relative error that float32 may leave against the references'
// float64, as their README sets it.
const Tolerance = 1e-4

// Errors are the relative errors of one case.
type Errors struct {
	value, grad float64
	hasGrad     bool
}

// Past reports whether an error is too large; NaN is.
func (e Errors) Past() bool { return !(e.value <= Tolerance && e.grad <= Tolerance) }

// String is the errors for people.
func (e Errors) String() string {
	if e.hasGrad {
		return fmt.Sprintf("value %.1e  gradient %.1e", e.value, e.grad)
	}
	return fmt.Sprintf("value %.1e", e.value)
}

// number takes in one more value.
func (e *Errors) number(got, want float64) {
	e.worsen(&e.value, math.Abs(got-want)/math.Max(math.Abs(want), 1e-8))
}

// gradient takes in one more gradient: ‖got-want‖ over ‖want‖.
func (e *Errors) gradient(got []float32, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("the case's gradient has %d numbers for %d in its embeddings", len(want), len(got))
	}
	var diff, norm float64
	for i, w := range want {
		diff += (float64(got[i]) - w) * (float64(got[i]) - w)
		norm += w * w
	}
	e.hasGrad = true
	e.worsen(&e.grad, math.Sqrt(diff)/math.Max(math.Sqrt(norm), 1e-8))
	return nil
}

// worsen keeps the larger error, and NaN over any.
func (*Errors) worsen(e *float64, by float64) {
	if !(by <= *e) {
		*e = by
	}
}
