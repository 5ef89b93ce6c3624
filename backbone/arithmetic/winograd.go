package arithmetic

// Squares are small squares of vectors within a slice: vector (i, j) of square s
// begins at Data[From+s*Step+i*Row+j*Col]. Strides may be negative, as long as all
// vectors lie in Data.
type Squares struct {
	Data                 []float32
	Row, Col, Step, From int
}

// The functions here are the linear maps of tiled convolution, each for count squares of
// vectors of n elements, element by element; see the package's comment. tile is the side
// of a tile of the result, 2 or 4. With d the tile of an image that it is made of, tile+2
// a side, and g a filter of 3×3, the product of [WinogradImage] of d and
// [WinogradFilter] of g, element by element, is mapped by [WinogradOutput] to the tile of
// their cross-correlation. dst must not overlap src.
//
// Unlike in the paper, for tiles of 2×2 the last row of Bᵀ and the last column of Aᵀ have
// the other sign, which cancels.

// WinogradImage stores Bᵀ·d·B for d, both of tile+2 a side.
func WinogradImage(tile int, dst, src Squares, n, count int) {
	native.winograd(imageTile, tile, dst, src, n, count)
}

// WinogradFilter stores G·g·Gᵀ, tile+2 a side, for g of 3×3.
func WinogradFilter(tile int, dst, src Squares, n, count int) {
	native.winograd(filterTile, tile, dst, src, n, count)
}

// WinogradOutput stores Aᵀ·m·A, tile a side, for m of tile+2 a side.
func WinogradOutput(tile int, dst, src Squares, n, count int) {
	native.winograd(outputTile, tile, dst, src, n, count)
}

// WinogradOutputGradient stores A·y·Aᵀ, tile+2 a side, for y of tile a side.
func WinogradOutputGradient(tile int, dst, src Squares, n, count int) {
	native.winograd(outputGradient, tile, dst, src, n, count)
}

// WinogradFilterGradient stores Gᵀ·u·G, 3×3, for u of tile+2 a side.
func WinogradFilterGradient(tile int, dst, src Squares, n, count int) {
	native.winograd(filterGradient, tile, dst, src, n, count)
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

// sizes are the sides of the result and of the argument.
func (m winogradMap) sizes(tile int) (out, in int) {
	switch m {
	case filterTile:
		return tile + 2, 3
	case outputTile:
		return tile, tile + 2
	case outputGradient:
		return tile + 2, tile
	case filterGradient:
		return 3, tile + 2
	default:
		return tile + 2, tile + 2
	}
}

// check panics unless there are such tiles and the squares lie within their slices.
func (m winogradMap) check(tile int, dst, src Squares, n, count int) {
	if tile != 2 && tile != 4 {
		panic("arithmetic: tiles are of 2×2 or 4×4")
	}
	out, in := m.sizes(tile)
	dst.within("dst", out, n, count)
	src.within("src", in, n, count)
}

// within panics unless s holds count squares of size × size vectors of n elements.
func (s Squares) within(name string, size, n, count int) {
	first, last := 0, n
	for _, reach := range [...]int{(size - 1) * s.Row, (size - 1) * s.Col, (count - 1) * s.Step} {
		first += min(reach, 0)
		last += max(reach, 0)
	}
	if count > 0 && n > 0 && (s.From+first < 0 || s.From+last > len(s.Data)) {
		panic("arithmetic: squares too short: " + name)
	}
}

func winogradPortable(m winogradMap, tile int, dst, src Squares, n, count int) {
	if tile == 4 {
		winograd4Portable(m, dst, src, n, count)
		return
	}
	winograd2Portable(m, dst, src, n, count)
}

// matrix2 is T of the map T·X·Tᵀ for tiles of 2×2.
func (m winogradMap) matrix2() [][]float32 {
	return [...][][]float32{
		imageTile:      {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
		filterTile:     {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}},
		outputTile:     {{1, 1, 1, 0}, {0, 1, -1, 1}},
		outputGradient: {{1, 0}, {1, 1}, {1, -1}, {0, 1}},
		filterGradient: {{1, .5, .5, 0}, {0, .5, -.5, 0}, {0, .5, .5, 1}},
	}[m]
}

func winograd2Portable(m winogradMap, dst, src Squares, n, count int) {
	t := m.matrix2()
	in := len(t[0])
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
