//go:build !amd64

package kernel

func (kind) fromHalf(dst []float32, src []uint16) {
	sameCount("FromHalf", len(dst), len(src))
	fromHalfPortable(dst, src)
}

func (kind) toHalf(dst []uint16, src []float32) {
	sameCount("ToHalf", len(dst), len(src))
	toHalfPortable(dst, src)
}
