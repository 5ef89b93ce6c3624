package kernel

// Panel is the number of columns of a panel, see [GemmPacked].
func Panel() int {
	_, cols := native.tile()
	return cols
}

// PackedSize is the number of elements of a packed matrix of k × n.
func PackedSize(k, n int) int { return k * ceil(n, Panel()) }

// Pack stores b, which is k×n, in packed, as [GemmPacked] takes it: its columns in
// panels of Panel(), one after the other, each row by row; what the last panel has too
// many is left as it is.
func Pack(packed []float32, k, n int, b Mat) {
	v, width := b.view(k, n, "b"), Panel()
	if len(packed) < PackedSize(k, n) {
		panic("kernel: packed is too short")
	}
	for t := 0; t < n && k > 0; t += width {
		cols := min(width, n-t)
		panel, from := packed[t*k:], v.from(0, t)
		if v.col == 1 {
			for l := range k {
				copy(panel[l*width:l*width+cols], from.data[l*v.row:])
			}
			continue
		}
		native.transpose(panel, width, from.data, v.col, cols, k)
	}
}

// GemmPacked stores c = a·b + beta·c on the calling goroutine, where a is m×k, c is m×n
// and b, which is k×n, comes as Pack stores it: for a b that many products share. The
// bits are those of Gemm. c must not be Trans and must not overlap a or packed.
func GemmPacked(m, n, k int, a Mat, packed []float32, beta float32, c Mat) {
	native.gemmPacked(m, n, k, a, packed, beta, c)
}

func (kd kind) gemmPacked(m, n, k int, a Mat, packed []float32, beta float32, c Mat) {
	_, width := kd.tile()
	if n >= 0 && k >= 0 && len(packed) < k*ceil(n, width) {
		panic("kernel: packed is too short")
	}
	av, _, cv := operands(m, n, k, a, Mat{Data: packed}, c)
	switch {
	case m == 0 || n == 0:
		return
	case k == 0:
		kd.scaleRows(m, n, beta, cv)
		return
	}
	depth := even(k, blockK, 4)
	for l := 0; l < k; l += depth {
		old := beta
		if l > 0 {
			old = 1
		}
		for t := 0; t < n; t += width {
			kd.panel(m, min(width, n-t), min(depth, k-l), 1, av.from(0, l),
				view{data: packed[t*k+l*width:], row: width, col: 1}, old, cv.from(0, t))
		}
	}
}
