package kernel

import (
	"math"

	"crossbatch/xbm/kernel/isa"
)

// Coarse is rows rounded to bfloat16, for products that only say which pairs are worth
// an exact one. A zero value is ready for Set. Many may read it at once.
type Coarse struct {
	// Error is the largest ‖row - rounded row‖, and a little more.
	Error float64

	columns []uint16 // by 16 rows, and 32 numbers of each: pairs of numbers, row by row
	steps   int      // of 32 numbers in a row
}

// CoarseUnit is what the numbers of rows and columns of a coarse product are multiples
// of.
const CoarseUnit = 32

// FastCoarse reports whether coarse products are faster than exact ones here: whether
// the processor has tiles of bfloat16 (AMX).
func FastCoarse() bool { return isa.HasTiles() }

// Set takes in rows (n×dim), sharing the work among GOMAXPROCS goroutines.
func (c *Coarse) Set(rows []float32, dim int) {
	n := len(rows) / dim
	c.steps = Blocks(dim, 32)
	groups := Blocks(n, CoarseUnit) * 2
	c.columns = make([]uint16, groups*c.steps*512)
	worst := make([]float64, groups)
	Parallel(groups, func(g int) {
		block := c.columns[g*c.steps*512:][:c.steps*512]
		for r := range min(16, max(0, n-g*16)) {
			var square float64
			for k, x := range rows[(g*16+r)*dim:][:dim] {
				rounded := toBrain(x)
				block[k/32*512+k%32/2*32+r*2+k%2] = rounded
				d := float64(x) - float64(fromBrain(rounded))
				square += d * d
			}
			worst[g] = max(worst[g], square)
		}
	})
	var square float64
	for _, w := range worst {
		square = max(square, w)
	}
	c.Error = math.Sqrt(square) * (1 + 1e-9)
}

// Rows stores rows (n×dim) as [Coarse.Product] takes them in dst, which grows as needed
// and is returned, and each one's ‖row - rounded row‖ in errors, of length n, or nil. It
// is no more than 2⁻⁸‖row‖, and 2⁻¹³³ for each number.
func (c *Coarse) Rows(dst []uint16, errors []float64, rows []float32, dim int) []uint16 {
	n, wide := len(rows)/dim, c.steps*32
	if size := Blocks(n, CoarseUnit) * CoarseUnit * wide; len(dst) < size {
		dst = make([]uint16, size)
	}
	for i := range n {
		to, row := dst[i*wide:][:wide], rows[i*dim:][:dim]
		native.toBrains(to, row)
		clear(to[dim:])
		if errors == nil {
			continue
		}
		var square float64
		for k, x := range row {
			d := float64(x) - float64(fromBrain(to[k]))
			square += d * d
		}
		errors[i] = math.Sqrt(square) * (1 + 1e-9)
	}
	return dst
}

// Product stores the products of n rows, as Rows has them, with the rows [first,
// first+cols) of c in dst, whose rows lie stride apart; first is a multiple of
// CoarseUnit. Rows and columns up to the next multiples of CoarseUnit are stored too and
// undefined. A product is off that of the rounded rows by roundings of float32, one a
// number at most, and 2⁻¹²⁶ a number, as numbers below count as zeros.
func (c *Coarse) Product(dst []float32, stride int, rows []uint16, n, first, cols int) {
	high, wide := Blocks(n, CoarseUnit), Blocks(cols, CoarseUnit)
	if first%CoarseUnit != 0 || wide*CoarseUnit > stride || high*CoarseUnit*stride > len(dst)+stride-wide*CoarseUnit {
		panic("kernel: no room for a coarse product")
	}
	if n == 0 || cols == 0 {
		return
	}
	b := c.columns[first*c.steps*32:][:wide*CoarseUnit*c.steps*32]
	coarseProduct(dst, stride, rows[:high*CoarseUnit*c.steps*32], b, high, wide, c.steps)
}

// coarsePortable is the plain twin of the tiles.
func coarsePortable(c []float32, ldc int, a, b []uint16, rows, cols, steps int) {
	for i := range rows * CoarseUnit {
		row := a[i*steps*32:][:steps*32]
		for j := range cols * CoarseUnit {
			column := b[j/16*steps*512:]
			var sum float32
			for k, x := range row {
				sum += float32(fromBrain(x) * fromBrain(column[k/32*512+k%32/2*32+j%16*2+k%2]))
			}
			c[i*ldc+j] = sum
		}
	}
}

func toBrainsPortable(dst []uint16, src []float32) {
	for i, x := range src {
		dst[i] = toBrain(x)
	}
}

// toBrain is x, finite, as bfloat16, ties to even.
func toBrain(x float32) uint16 {
	bits := math.Float32bits(x)
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}

func fromBrain(x uint16) float32 { return math.Float32frombits(uint32(x) << 16) }
