//go:build !amd64

package arithmetic

func (kind) channelSums(sums, x []float32) {
	rowsOf("ChannelSums", len(sums), x)
	channelSumsPortable(sums, x)
}

func (kind) channelSquares(sums, x, mean []float32) {
	n := len(mean)
	rowsOf("ChannelSquares", n, x)
	perChannel("ChannelSquares", n, sums)
	channelSquaresPortable(sums, x, mean)
}

func (kind) channelProducts(sums, products, g, x, y, mean []float32) {
	n := len(mean)
	rowsOf("ChannelProducts", n, g, x)
	perChannel("ChannelProducts", n, sums, products)
	if y != nil {
		sameLength("ChannelProducts", y, g)
	}
	channelProductsPortable(sums, products, g, x, y, mean)
}

func (kind) channelAffine(dst, x, mean, factor, shift []float32, floor float32) {
	n := len(mean)
	rowsOf("ChannelAffine", n, x, dst)
	perChannel("ChannelAffine", n, factor, shift)
	channelAffinePortable(dst, x, mean, factor, shift, floor)
}

func (kind) channelCombine(dst, g, x, y, mean, a, b, c []float32) {
	n := len(mean)
	rowsOf("ChannelCombine", n, g, dst, x)
	perChannel("ChannelCombine", n, a, b, c)
	if y != nil {
		sameLength("ChannelCombine", y, g)
	}
	channelCombinePortable(dst, g, x, y, mean, a, b, c)
}

func (kind) multiplyAdd(dst, x, y []float32) {
	sameLength("MultiplyAdd", x, dst)
	sameLength("MultiplyAdd", y, dst)
	multiplyAddPortable(dst, x, y)
}
