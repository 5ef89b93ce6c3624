package arithmetic

// The points of F(4×4, 3×3) are 0, ±5/8, ±3/2 and ∞, which lose fewer digits than 0, ±1,
// ±2 and ∞: over 256 channels an output is off by 5e-7 of the norm of what is added up, see
// TestWinograd4IsAccurate.

// matrix4 is T of the map T·X·Tᵀ for tiles of 4×4.
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
