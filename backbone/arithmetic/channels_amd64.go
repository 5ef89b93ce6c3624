package arithmetic

func (kd kind) channelSums(sums, x []float32) {
	n := len(sums)
	rows := rowsOf("ChannelSums", n, x)
	switch {
	case rows == 0:
	case kd == portable:
		channelSumsPortable(sums, x)
	case kd == avx512:
		channelSumsAVX512(&x[0], &sums[0], rows, n)
	default:
		channelSumsAVX2(&x[0], &sums[0], rows, n)
	}
}

func (kd kind) channelSquares(sums, x, mean []float32) {
	n := len(mean)
	rows := rowsOf("ChannelSquares", n, x)
	perChannel("ChannelSquares", n, sums)
	switch {
	case rows == 0:
	case kd == portable:
		channelSquaresPortable(sums, x, mean)
	case kd == avx512:
		channelSquaresAVX512(&x[0], &mean[0], &sums[0], rows, n)
	default:
		channelSquaresAVX2(&x[0], &mean[0], &sums[0], rows, n)
	}
}

func (kd kind) channelProducts(sums, products, g, x, y, mean []float32) {
	n := len(mean)
	rows := rowsOf("ChannelProducts", n, g, x)
	perChannel("ChannelProducts", n, sums, products)
	if y != nil {
		sameLength("ChannelProducts", y, g)
	}
	switch {
	case rows == 0:
	case kd == portable:
		channelProductsPortable(sums, products, g, x, y, mean)
	case kd == avx512 && y == nil:
		channelProductsAVX512(&g[0], &x[0], &mean[0], &sums[0], &products[0], rows, n)
	case kd == avx512:
		channelProductsWhereAVX512(&g[0], &x[0], &y[0], &mean[0], &sums[0], &products[0], rows, n)
	case y == nil:
		channelProductsAVX2(&g[0], &x[0], &mean[0], &sums[0], &products[0], rows, n)
	default:
		channelProductsWhereAVX2(&g[0], &x[0], &y[0], &mean[0], &sums[0], &products[0], rows, n)
	}
}

func (kd kind) channelAffine(dst, x, mean, factor, shift []float32, floor float32) {
	n := len(mean)
	rows := rowsOf("ChannelAffine", n, x, dst)
	perChannel("ChannelAffine", n, factor, shift)
	switch {
	case rows == 0:
	case kd == portable:
		channelAffinePortable(dst, x, mean, factor, shift, floor)
	case kd == avx512:
		channelAffineAVX512(&dst[0], &x[0], &mean[0], &factor[0], &shift[0], rows, n, floor)
	default:
		channelAffineAVX2(&dst[0], &x[0], &mean[0], &factor[0], &shift[0], rows, n, floor)
	}
}

func (kd kind) channelCombine(dst, g, x, y, mean, a, b, c []float32) {
	n := len(mean)
	rows := rowsOf("ChannelCombine", n, g, dst, x)
	perChannel("ChannelCombine", n, a, b, c)
	if y != nil {
		sameLength("ChannelCombine", y, g)
	}
	switch {
	case rows == 0:
	case kd == portable:
		channelCombinePortable(dst, g, x, y, mean, a, b, c)
	case kd == avx512 && y == nil:
		channelCombineAVX512(&dst[0], &g[0], &x[0], &mean[0], &a[0], &b[0], &c[0], rows, n)
	case kd == avx512:
		channelCombineWhereAVX512(&dst[0], &g[0], &x[0], &y[0], &mean[0], &a[0], &b[0], &c[0], rows, n)
	case y == nil:
		channelCombineAVX2(&dst[0], &g[0], &x[0], &mean[0], &a[0], &b[0], &c[0], rows, n)
	default:
		channelCombineWhereAVX2(&dst[0], &g[0], &x[0], &y[0], &mean[0], &a[0], &b[0], &c[0], rows, n)
	}
}

func (kd kind) multiplyAdd(dst, x, y []float32) {
	sameLength("MultiplyAdd", x, dst)
	sameLength("MultiplyAdd", y, dst)
	n, rows := len(dst), min(1, len(dst))
	switch {
	case rows == 0:
	case kd == portable:
		multiplyAddPortable(dst, x, y)
	case kd == avx512:
		channelMultiplyAddAVX512(&dst[0], &x[0], &y[0], rows, n)
	default:
		channelMultiplyAddAVX2(&dst[0], &x[0], &y[0], rows, n)
	}
}
