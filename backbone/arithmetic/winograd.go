package arithmetic

// Squares are small squares of vectors within a slice: vector (i, j) of square s
// begins at Data[From+s*Step+i*Row+j*Col]. Strides may be negative, as long as all
// vectors lie in Data.
type Squares struct {
	Data                 []float32
	Row, Col, Step, From int
}

// The functions here are the linear maps of F(2×2, 3×3) in
//
//	Andrew Lavin, Scott Gray, Fast Algorithms for Convolutional Neural Networks,
//	CVPR 2016, https://arxiv.org/abs/1509.09308 (section 4.1)
//
// and their adjoints, each for count squares of vectors of n elements, element by
// element. With d a tile of 4×4 of an image and g a filter of 3×3,
// the product of [WinogradImage] of d and [WinogradFilter] of g, element by
// element, is mapped by [WinogradOutput] to the 2×2 places of their
// cross-correlation: 16 multiplications instead of 36. dst must not overlap src.
//
// Unlike in the paper, the last row of Bᵀ and the last column of Aᵀ have the other
// sign, which cancels.

// WinogradImage stores Bᵀ·d·B, 4×4, for d of 4×4.
func WinogradImage(dst, src Squares, n, count int) { native.winograd(imageTile, dst, src, n, count) }

// WinogradFilter stores G·g·Gᵀ, 4×4, for g of 3×3.
func WinogradFilter(dst, src Squares, n, count int) { native.winograd(filterTile, dst, src, n, count) }

// WinogradOutput stores Aᵀ·m·A, 2×2, for m of 4×4.
func WinogradOutput(dst, src Squares, n, count int) { native.winograd(outputTile, dst, src, n, count) }

// WinogradOutputGradient stores A·y·Aᵀ, 4×4, for y of 2×2.
func WinogradOutputGradient(dst, src Squares, n, count int) {
	native.winograd(outputGradient, dst, src, n, count)
}

// WinogradFilterGradient stores Gᵀ·u·G, 3×3, for u of 4×4.
func WinogradFilterGradient(dst, src Squares, n, count int) {
	native.winograd(filterGradient, dst, src, n, count)
}

// winogradMap is one of the maps.
type winogradMap int

const (
	imageTile winogradMap = iota
	filterTile
	outputTile
	outputGradient
	filterGradient
)

// matrix is T of the map T·X·Tᵀ.
func (m winogradMap) matrix() [][]float32 {
	return [...][][]float32{
		imageTile:      {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
		filterTile:     {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}},
		outputTile:     {{1, 1, 1, 0}, {0, 1, -1, 1}},
		outputGradient: {{1, 0}, {1, 1}, {1, -1}, {0, 1}},
		filterGradient: {{1, .5, .5, 0}, {0, .5, -.5, 0}, {0, .5, .5, 1}},
	}[m]
}

// sizes are those of the result and of the argument.
func (m winogradMap) sizes() (out, in int) {
	switch m {
	case filterTile:
		return 4, 3
	case outputTile:
		return 2, 4
	case outputGradient:
		return 4, 2
	case filterGradient:
		return 3, 4
	default:
		return 4, 4
	}
}

func winogradPortable(m winogradMap, dst, src Squares, n, count int) {
	t := m.matrix()
	_, in := m.sizes()
	var mixed [4]float32
	for at := range count * n {
		x, y := src.From+at/n*src.Step+at%n, dst.From+at/n*dst.Step+at%n
		for i, row := range t {
			for j := range in {
				mixed[j] = weighted(row, src.Data, x+j*src.Col, src.Row)
			}
			for j, col := range t {
				dst.Data[y+i*dst.Row+j*dst.Col] = weighted(col, mixed[:], 0, 1)
			}
		}
	}
}

// weighted is Σ row[k]·x[from+k·step]: the halves, halved, and then the others.
func weighted(row, x []float32, from, step int) float32 {
	var halves, ones float32
	for _, sign := range [2]float32{1, -1} {
		for k, w := range row {
			if w == sign/2 {
				halves += sign * x[from+k*step]
			}
		}
	}
	ones = halves / 2
	for _, sign := range [2]float32{1, -1} {
		for k, w := range row {
			if w == sign {
				ones += sign * x[from+k*step]
			}
		}
	}
	return ones
}
