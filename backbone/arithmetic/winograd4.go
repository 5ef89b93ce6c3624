package arithmetic

// The functions here are the linear maps of F(4×4, 3×3), as those of [WinogradImage]
// and its like are of F(2×2, 3×3): 36 multiplications instead of 144. The points of
// the interpolation are 0, ±5/8, ±3/2 and ∞, which lose fewer digits than 0, ±1, ±2
// and ∞: over 256 channels an output is off by 5e-7 of the norm of what is added up, see
// TestWinograd4IsAccurate.
//
//	Andrew Lavin, Scott Gray, Fast Algorithms for Convolutional Neural Networks,
//	CVPR 2016, https://arxiv.org/abs/1509.09308 (section 4.3)
//
//	Barbara Barabasz, Andrew Anderson, Kirk M. Soodhalter, David Gregg, Error
//	Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural
//	Networks, ACM TOMS 2020, https://arxiv.org/abs/1803.10986 (on points)
//
// dst must not overlap src.

// Winograd4Image stores Bᵀ·d·B, 6×6, for d of 6×6.
func Winograd4Image(dst, src Squares, n, count int) { native.winograd4(imageTile, dst, src, n, count) }

// Winograd4Filter stores G·g·Gᵀ, 6×6, for g of 3×3.
func Winograd4Filter(dst, src Squares, n, count int) {
	native.winograd4(filterTile, dst, src, n, count)
}

// Winograd4Output stores Aᵀ·m·A, 4×4, for m of 6×6.
func Winograd4Output(dst, src Squares, n, count int) {
	native.winograd4(outputTile, dst, src, n, count)
}

// Winograd4OutputGradient stores A·y·Aᵀ, 6×6, for y of 4×4.
func Winograd4OutputGradient(dst, src Squares, n, count int) {
	native.winograd4(outputGradient, dst, src, n, count)
}

// Winograd4FilterGradient stores Gᵀ·u·G, 3×3, for u of 6×6.
func Winograd4FilterGradient(dst, src Squares, n, count int) {
	native.winograd4(filterGradient, dst, src, n, count)
}

// matrix4 is T of the map T·X·Tᵀ.
func (m winogradMap) matrix4() [][]float32 {
	const a, b = 0.625, 1.5
	const a2, b2 = a * a, b * b
	const n0, na, nb = a2 * b2, 2 * a2 * (a2 - b2), 2 * b2 * (b2 - a2)
	return [...][][]float32{
		imageTile: {
			{a2 * b2, 0, -a2 - b2, 0, 1, 0},
			{0, -a * b2, -b2, a, 1, 0}, {0, a * b2, -b2, -a, 1, 0},
			{0, -b * a2, -a2, b, 1, 0}, {0, b * a2, -a2, -b, 1, 0},
			{0, a2 * b2, 0, -a2 - b2, 0, 1},
		},
		filterTile: {
			{1 / n0, 0, 0},
			{1 / na, a / na, a2 / na}, {1 / na, -a / na, a2 / na},
			{1 / nb, b / nb, b2 / nb}, {1 / nb, -b / nb, b2 / nb},
			{0, 0, 1},
		},
		outputTile: {
			{1, 1, 1, 1, 1, 0}, {0, a, -a, b, -b, 0},
			{0, a2, a2, b2, b2, 0}, {0, a * a2, -a * a2, b * b2, -b * b2, 1},
		},
		outputGradient: {
			{1, 0, 0, 0},
			{1, a, a2, a * a2}, {1, -a, a2, -a * a2},
			{1, b, b2, b * b2}, {1, -b, b2, -b * b2},
			{0, 0, 0, 1},
		},
		filterGradient: {
			{1 / n0, 1 / na, 1 / na, 1 / nb, 1 / nb, 0},
			{0, a / na, -a / na, b / nb, -b / nb, 0},
			{0, a2 / na, a2 / na, b2 / nb, b2 / nb, 1},
		},
	}[m]
}

// sizes4 are those of the result and of the argument.
func (m winogradMap) sizes4() (out, in int) {
	switch m {
	case filterTile:
		return 6, 3
	case outputTile:
		return 4, 6
	case outputGradient:
		return 6, 4
	case filterGradient:
		return 3, 6
	default:
		return 6, 6
	}
}

// check4 panics unless the squares lie within their slices.
func check4(m winogradMap, dst, src Squares, n, count int) {
	out, in := m.sizes4()
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

func winograd4Portable(m winogradMap, dst, src Squares, n, count int) {
	t := m.matrix4()
	in := len(t[0])
	var mixed [6]float32
	for at := range count * n {
		x, y := src.From+at/n*src.Step+at%n, dst.From+at/n*dst.Step+at%n
		for i, row := range t {
			for j := range in {
				mixed[j] = 0
				for k, w := range row {
					mixed[j] += float32(w * src.Data[x+k*src.Row+j*src.Col])
				}
			}
			for j, col := range t {
				var sum float32
				for k, w := range col {
					sum += float32(w * mixed[k])
				}
				dst.Data[y+i*dst.Row+j*dst.Col] = sum
			}
		}
	}
}
