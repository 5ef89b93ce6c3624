//go:build !amd64

package arithmetic

func (kind) gelu(dst, x []float32) {
	sameLength("GELU", dst, x)
	geluPortable(dst, x)
}

func (kind) hardSigmoid(dst, x []float32) {
	sameLength("HardSigmoid", dst, x)
	hardSigmoidPortable(dst, x)
}

func (kind) hardSwish(dst, x []float32) {
	sameLength("HardSwish", dst, x)
	hardSwishPortable(dst, x)
}

func (kind) larger(dst, x, y []float32) {
	sameLength("Larger", dst, x)
	sameLength("Larger", dst, y)
	largerPortable(dst, x, y)
}

func (kind) depthwise(dst []float32, dstStep int, x []float32, p Window, w []float32, n, count int) {
	depthwisePortable(dst, dstStep, x, p, w, n, count)
}
