package arithmetic

// The functions here pass over rows of as many channels as their per-channel arguments
// have numbers, which lie one after the other.

// ChannelSums adds the rows of x to sums.
func ChannelSums(sums, x []float32) { native.channelSums(sums, x) }

// ChannelSquares adds the rows of (x-mean)² to sums.
func ChannelSquares(sums, x, mean []float32) { native.channelSquares(sums, x, mean) }

// ChannelProducts adds the rows of g to sums, and those of g·(x-mean) to products. With
// y, rows of as many numbers, g counts where y is above 0.
func ChannelProducts(sums, products, g, x, y, mean []float32) {
	native.channelProducts(sums, products, g, x, y, mean)
}

// ChannelAffine stores max(factor·(x-mean) + shift, floor); NaN stays NaN. dst may be x.
func ChannelAffine(dst, x, mean, factor, shift []float32, floor float32) {
	native.channelAffine(dst, x, mean, factor, shift, floor)
}

// ChannelCombine stores a·g + b·(x-mean) + c. With y, g counts where y is above 0.
func ChannelCombine(dst, g, x, y, mean, a, b, c []float32) {
	native.channelCombine(dst, g, x, y, mean, a, b, c)
}

// MultiplyAdd adds x·y to dst, element by element.
func MultiplyAdd(dst, x, y []float32) { native.multiplyAdd(dst, x, y) }

// rowsOf is how many rows of n channels x has, which others have, too.
func rowsOf(name string, n int, x []float32, others ...[]float32) int {
	if n == 0 || len(x)%n != 0 {
		panic("arithmetic: no whole rows in " + name)
	}
	for _, y := range others {
		sameLength(name, y, x)
	}
	return len(x) / n
}

func perChannel(name string, n int, arrays ...[]float32) {
	for _, x := range arrays {
		if len(x) != n {
			panic("arithmetic: slices of different lengths in " + name)
		}
	}
}

func channelSumsPortable(sums, x []float32) {
	for i, v := range x {
		sums[i%len(sums)] += v
	}
}

func channelSquaresPortable(sums, x, mean []float32) {
	for i, v := range x {
		d := v - mean[i%len(mean)]
		sums[i%len(mean)] += float32(d * d)
	}
}

func channelProductsPortable(sums, products, g, x, y, mean []float32) {
	for i, v := range g {
		c := i % len(mean)
		if y != nil && !(y[i] > 0) {
			continue
		}
		sums[c] += v
		products[c] += float32(v * (x[i] - mean[c]))
	}
}

func channelAffinePortable(dst, x, mean, factor, shift []float32, floor float32) {
	for i, v := range x {
		c := i % len(mean)
		dst[i] = max(float32(factor[c]*(v-mean[c]))+shift[c], floor)
	}
}

func channelCombinePortable(dst, g, x, y, mean, a, b, c []float32) {
	for i, v := range g {
		k := i % len(mean)
		if y != nil && !(y[i] > 0) {
			v = 0
		}
		dst[i] = float32(a[k]*v) + (float32(b[k]*(x[i]-mean[k])) + c[k])
	}
}

func multiplyAddPortable(dst, x, y []float32) {
	for i, v := range x {
		dst[i] += float32(v * y[i])
	}
}
