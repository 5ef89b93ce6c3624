package kernel

// The functions here name the tile of as many rows: a table of function values
// would not let the compiler see that the arguments do not escape.

func tileAVX2x1(rows int, a *float32, ars, acs int, b *float32, ldb int, c *float32, ldc, k, tail int, alpha, beta float32) {
	switch rows {
	case 1:
		tileAVX2_1x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 2:
		tileAVX2_2x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 3:
		tileAVX2_3x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 4:
		tileAVX2_4x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 5:
		tileAVX2_5x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 6:
		tileAVX2_6x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	}
}

func tileAVX2x2(rows int, a *float32, ars, acs int, b *float32, ldb int, c *float32, ldc, k, tail int, alpha, beta float32) {
	switch rows {
	case 1:
		tileAVX2_1x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 2:
		tileAVX2_2x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 3:
		tileAVX2_3x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 4:
		tileAVX2_4x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 5:
		tileAVX2_5x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 6:
		tileAVX2_6x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	}
}

func tileAVX512x1(rows int, a *float32, ars, acs int, b *float32, ldb int, c *float32, ldc, k, tail int, alpha, beta float32) {
	switch rows {
	case 1:
		tileAVX512_1x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 2:
		tileAVX512_2x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 3:
		tileAVX512_3x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 4:
		tileAVX512_4x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 5:
		tileAVX512_5x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 6:
		tileAVX512_6x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 7:
		tileAVX512_7x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 8:
		tileAVX512_8x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 9:
		tileAVX512_9x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 10:
		tileAVX512_10x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 11:
		tileAVX512_11x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 12:
		tileAVX512_12x1(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	}
}

func tileAVX512x2(rows int, a *float32, ars, acs int, b *float32, ldb int, c *float32, ldc, k, tail int, alpha, beta float32) {
	switch rows {
	case 1:
		tileAVX512_1x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 2:
		tileAVX512_2x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 3:
		tileAVX512_3x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 4:
		tileAVX512_4x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 5:
		tileAVX512_5x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 6:
		tileAVX512_6x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 7:
		tileAVX512_7x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 8:
		tileAVX512_8x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 9:
		tileAVX512_9x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 10:
		tileAVX512_10x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 11:
		tileAVX512_11x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	case 12:
		tileAVX512_12x2(a, ars, acs, b, ldb, c, ldc, k, tail, alpha, beta)
	}
}
