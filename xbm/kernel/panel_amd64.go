package kernel

// panel stores c = alpha·a·b + beta·c for the m×n matrix c, n no wider than a
// register tile, and k above 0. The rows of b and c lie together.
func (kd kind) panel(m, n, k int, alpha float32, a, b view, beta float32, c view) {
	if kd == portable {
		panelPortable(m, n, k, alpha, a, b, beta, c)
		return
	}
	most, cols := kd.tile()
	pieces := (m + most - 1) / most
	rows, extra := m/pieces, m%pieces // the first extra pieces have a row more
	tail := n
	wide := n > cols/2
	if wide {
		tail -= cols / 2
	}
	bp := &b.data[0]
	for i, first := 0, 0; i < pieces; i++ {
		r := rows
		if i < extra {
			r++
		}
		ap, cp := &a.data[first*a.row], &c.data[first*c.row]
		first += r
		switch {
		case kd == avx512 && wide:
			tileAVX512x2(r, ap, a.row, a.col, bp, b.row, cp, c.row, k, tail, alpha, beta)
		case kd == avx512:
			tileAVX512x1(r, ap, a.row, a.col, bp, b.row, cp, c.row, k, tail, alpha, beta)
		case wide:
			tileAVX2x2(r, ap, a.row, a.col, bp, b.row, cp, c.row, k, tail, alpha, beta)
		default:
			tileAVX2x1(r, ap, a.row, a.col, bp, b.row, cp, c.row, k, tail, alpha, beta)
		}
	}
}

// transpose stores element l of row j of src, for j below n and l below k, at
// dst[l*ld+j].
func (kd kind) transpose(dst []float32, ld int, src []float32, stride, n, k int) {
	lanes := 16
	if kd == avx2 {
		lanes = 8
	}
	if kd == portable || n < lanes || k < 4 {
		transposePortable(dst, ld, src, stride, n, 0, k)
		return
	}
	for j := 0; j < n; j += lanes {
		j = min(j, n-lanes) // the last ones over again rather than fewer
		if kd == avx512 {
			transposeAVX512(&dst[j], ld, &src[j*stride], stride, k/4)
		} else {
			transposeAVX2(&dst[j], ld, &src[j*stride], stride, k/4)
		}
	}
	transposePortable(dst, ld, src, stride, n, k/4*4, k)
}
