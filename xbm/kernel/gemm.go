package kernel

// Gemm stores c = alpha·a·b + beta·c, where a is m×k, b is k×n and c is m×n,
// sharing the work among GOMAXPROCS goroutines. With beta 0 the old content of
// c is not read. c must not be Trans and must not overlap a or b.
func Gemm(m, n, k int, alpha float32, a, b Mat, beta float32, c Mat) {
	native.gemm(m, n, k, alpha, a, b, beta, c)
}

// GemmSerial is Gemm on the calling goroutine alone, with the same bits: for
// callers that are parallel themselves.
func GemmSerial(m, n, k int, alpha float32, a, b Mat, beta float32, c Mat) {
	native.gemmSerial(m, n, k, alpha, a, b, beta, c)
}

func (kd kind) gemm(m, n, k int, alpha float32, a, b Mat, beta float32, c Mat) {
	rows, cols := kd.shares(m, n, k)
	if rows >= m && cols >= n {
		kd.gemmSerial(m, n, k, alpha, a, b, beta, c)
		return
	}
	av, bv, cv := operands(m, n, k, a, b, c)
	across := (n + cols - 1) / cols
	Parallel((m+rows-1)/rows*across, func(s int) {
		i, j := s/across*rows, s%across*cols
		kd.block(min(rows, m-i), min(cols, n-j), k, alpha,
			av.from(i, 0), bv.from(0, j), beta, cv.from(i, j))
	})
}

func (kd kind) gemmSerial(m, n, k int, alpha float32, a, b Mat, beta float32, c Mat) {
	av, bv, cv := operands(m, n, k, a, b, c)
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		kd.scaleRows(m, n, beta, cv)
		return
	}
	kd.block(m, n, k, alpha, av, bv, beta, cv)
}

// operands checks the arguments of a product.
func operands(m, n, k int, a, b, c Mat) (av, bv, cv view) {
	switch {
	case m < 0 || n < 0 || k < 0:
		panic("kernel: negative dimension of a product")
	case c.Trans:
		panic("kernel: c is transposed")
	case m > 1 && c.Stride < n:
		panic("kernel: rows of c overlap")
	}
	return a.view(m, k, "a"), b.view(k, n, "b"), c.view(m, n, "c")
}

// shares is the part of c that one goroutine takes at a time: halves of halves,
// until there are enough to go round or they would not be worth a goroutine.
func (kd kind) shares(m, n, k int) (rows, cols int) {
	const (
		enough = 16
		worth  = 1 << 21 // multiplications
		small  = 1 << 11 // elements: fewer read a and b too often
	)
	rowTile, colTile := kd.tile()
	rows, cols = m, n
	for parts := 1; parts < enough && rows*cols >= 2*small && rows*cols*k >= 2*worth; parts *= 2 {
		switch {
		case cols >= rows && cols > colTile:
			cols = ceil((cols+1)/2, colTile)
		case rows > rowTile:
			rows = ceil((rows+1)/2, rowTile)
		default:
			return rows, cols
		}
	}
	return rows, cols
}

// scaleRows stores c = beta·c.
func (kd kind) scaleRows(m, n int, beta float32, c view) {
	for i := range m {
		row := c.data[i*c.row:][:n]
		if beta == 0 {
			clear(row)
			continue
		}
		kd.scale(row, beta, row)
	}
}
