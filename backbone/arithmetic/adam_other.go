//go:build !amd64

package arithmetic

func (kind) adam(a *Adam, value, grad, first, second []float32) {
	sameSteps(value, grad, first, second)
	a.stepPortable(value, grad, first, second)
}
