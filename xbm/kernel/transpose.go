package kernel

// Transpose stores element l of row j of src, whose rows are stride apart, at
// dst[l*ld+j], for j below n and l below k. dst must not overlap src.
func Transpose(dst []float32, ld int, src []float32, stride, n, k int) {
	if n <= 0 || k <= 0 {
		return
	}
	if stride < 0 || ld < 0 || (n-1)*stride+k > len(src) || (k-1)*ld+n > len(dst) {
		panic("kernel: too short for Transpose")
	}
	native.transpose(dst, ld, src, stride, n, k)
}
