package kernel

// directRows is the most rows of c for which a b that is not transposed is read
// where it lies: they do not pay for the copying. Copying a never did: a tile
// reads few of its rows at a time.
const directRows = 96

// block multiplies in cache-sized pieces, adding up over k from first to last.
// No dimension is 0.
func (kd kind) block(m, n, k int, alpha float32, a, b view, beta float32, c view) {
	var s *scratch
	if b.col != 1 || m > directRows {
		s = scratches.Get().(*scratch)
		defer scratches.Put(s)
	}
	_, tile := kd.tile()
	depth, width := even(k, blockK, 4), even(n, blockCols, tile)
	for j := 0; j < n; j += width {
		cols := min(width, n-j)
		for l := 0; l < k; l += depth {
			deep := min(depth, k-l)
			bp := b.from(l, j)
			if s != nil {
				bp = s.pack(kd, bp, deep, cols)
			}
			old := beta
			if l > 0 {
				old = 1
			}
			for t := 0; t < cols; t += tile {
				kd.panel(m, min(tile, cols-t), deep, alpha, a.from(0, l), bp.from(0, t), old, c.from(0, j+t))
			}
		}
	}
}

// even is the size of the pieces, multiples of unit, that n falls into when
// none exceeds most and all are about alike.
func even(n, most, unit int) int {
	pieces := (n + most - 1) / most
	return ceil((n+pieces-1)/pieces, unit)
}

// ceil is n rounded up to a multiple of unit.
func ceil(n, unit int) int { return (n + unit - 1) / unit * unit }
