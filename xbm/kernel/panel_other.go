//go:build !amd64

package kernel

// panel stores c = alpha·a·b + beta·c for the m×n matrix c, n no wider than a
// register tile, and k above 0. The rows of b and c lie together.
func (kind) panel(m, n, k int, alpha float32, a, b view, beta float32, c view) {
	panelPortable(m, n, k, alpha, a, b, beta, c)
}

// transpose stores element l of row j of src, for j below n and l below k, at
// dst[l*ld+j].
func (kind) transpose(dst []float32, ld int, src []float32, stride, n, k int) {
	transposePortable(dst, ld, src, stride, n, 0, k)
}
