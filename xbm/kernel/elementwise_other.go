//go:build !amd64

package kernel

func (kind) exp(dst, x []float32, top, scale float32) float32 {
	sameLength("Exp", dst, x)
	return expPortable(dst, x, top, scale)
}

func (kind) chord(dst, x []float32) {
	sameLength("Chord", dst, x)
	chordPortable(dst, x)
}

func (kind) divide(dst, x, y []float32) {
	sameLength("Divide", dst, x)
	sameLength("Divide", dst, y)
	dividePortable(dst, x, y)
}

func (kind) raise(x []float32, least float32) {
	raisePortable(x, least)
}
