package graph

import (
	"runtime"

	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// A 3×3 convolution that keeps the size of the image needs 2.25 times fewer
// multiplications by tiles of 2×2 places (see [arithmetic.WinogradImage]): images and
// filters are mapped to 16 matrices each, whose 16 products map back to the
// output. In them a row is a tile, and the channels lie side by side.
const (
	tilePlaces = 16
	groupTiles = 64   // of the images whose products are taken together
	sumTiles   = 1024 // of those whose weight gradients are
	leastWidth = 16   // channels and filters: fewer do not fill a vector
)

func (c *convolver) isTiled() bool {
	return c.kernel == 3 && c.shifts() && c.height > 1 && c.width > 1 &&
		min(c.channels, c.filters) >= leastWidth
}

// tiling is the number of tiles from top to bottom and from left to right.
func (w *window) tiling() (down, across int) { return (w.height + 1) / 2, (w.width + 1) / 2 }

func (w *window) tiles() int {
	down, across := w.tiling()
	return down * across
}

// tileGroups calls f for each group of images, from first on.
func (c *convolver) tileGroups(f func(first, images int)) {
	group := min(c.batch, max(1, sumTiles/c.tiles()))
	for first := 0; first < c.batch; first += group {
		f(first, min(group, c.batch-first))
	}
}

// forwardTiled is forward by tiles.
func (c *convolver) forwardTiled(dst []float32, in [][]float32) {
	u := c.mapFilters(in[1], c.channels, c.filters, 9, 9*c.channels)
	defer c.scratch.put(u)
	var bias []float32
	if len(in) == 3 {
		bias = in[2]
	}
	c.correlate(dst, in[0], c.channels, c.filters, bias, func(place int) []float32 {
		return u[place*c.channels*c.filters:]
	})
}

// inputGradientTiled is inputGradient by tiles: dL/dy, correlated with the
// filters turned by half a circle, whose maps are those of the filters in another
// order.
func (c *convolver) inputGradientTiled(dst []float32, in [][]float32) {
	u := c.mapFilters(in[1], c.filters, c.channels, 9*c.channels, 9)
	defer c.scratch.put(u)
	turned := [4]int{3, 1, 2, 0}
	c.correlate(dst, in[0], c.filters, c.channels, nil, func(place int) []float32 {
		return u[(turned[place/4]*4+turned[place%4])*c.channels*c.filters:]
	})
}

// weightGradientTiled is weightGradient by tiles: groups are summed in order.
func (c *convolver) weightGradientTiled(dst []float32, in [][]float32) {
	dy, x := in[0], in[1]
	size := c.channels * c.filters
	sums := c.scratch.take(tilePlaces * size)
	defer c.scratch.put(sums)
	var beta float32
	c.tileGroups(func(first, images int) {
		tiles := images * c.tiles()
		v, m := c.scratch.take(tilePlaces*tiles*c.channels), c.scratch.take(tilePlaces*tiles*c.filters)
		defer c.scratch.put(v)
		defer c.scratch.put(m)
		kernel.Parallel(images, func(i int) {
			c.mapImage(v[i*c.tiles()*c.channels:], tiles*c.channels, c.image(x, first+i), c.channels)
			c.mapOutputGradient(m[i*c.tiles()*c.filters:], tiles*c.filters, c.output(dy, first+i))
		})
		kernel.Parallel(tilePlaces, func(p int) {
			kernel.GemmSerial(c.channels, c.filters, tiles, 1,
				kernel.Mat{Data: v[p*tiles*c.channels:], Stride: c.channels, Trans: true},
				kernel.Mat{Data: m[p*tiles*c.filters:], Stride: c.filters},
				beta, kernel.Mat{Data: sums[p*size:], Stride: c.filters})
		})
		beta = 1
	})
	const some = 16 // channels
	kernel.Parallel((c.channels+some-1)/some, func(i int) {
		from, to := i*some, min(c.channels, (i+1)*some)
		filters := c.scratch.take((to - from) * 9 * c.filters)
		defer c.scratch.put(filters)
		for ch := from; ch < to; ch++ {
			arithmetic.WinogradFilterGradient(
				arithmetic.Squares{Data: filters[(ch-from)*9*c.filters:], Row: 3 * c.filters, Col: c.filters},
				arithmetic.Squares{Data: sums[ch*c.filters:], Row: 4 * size, Col: size}, c.filters, 1)
		}
		kernel.Transpose(dst[from*9:], 9*c.channels, filters, c.filters, (to-from)*9, c.filters)
	})
}

// mapFilters returns the maps of the filters as 16 matrices of rows × columns,
// to be put back. Filters of neighbouring rows and columns are rowStep and
// columnStep apart in weight.
func (c *convolver) mapFilters(weight []float32, rows, columns, rowStep, columnStep int) []float32 {
	u := c.scratch.take(tilePlaces * rows * columns)
	kernel.Parallel(rows, func(r int) {
		filters := c.scratch.take(9 * columns)
		defer c.scratch.put(filters)
		kernel.Transpose(filters, columns, weight[r*rowStep:], columnStep, columns, 9)
		arithmetic.WinogradFilter(arithmetic.Squares{Data: u[r*columns:], Row: 4 * rows * columns, Col: rows * columns},
			arithmetic.Squares{Data: filters, Row: 3 * columns, Col: columns}, columns, 1)
	})
	return u
}

// correlate stores the cross-correlation of the images src, of in channels, with
// the filters that u gives the maps of, in × out for each place of a tile.
func (c *convolver) correlate(dst, src []float32, in, out int, bias []float32, u func(place int) []float32) {
	plane, t := c.columns(), c.tiles()
	group := max(1, groupTiles/t)
	groups := (c.batch + group - 1) / group
	each, inside := kernel.Parallel, serial
	if groups < runtime.GOMAXPROCS(0) {
		// Then a group shares its work. This changes no sum and so no bits.
		group, groups, each, inside = c.batch, 1, serial, kernel.Parallel
	}
	each(groups, func(g int) {
		first := g * group
		images := min(group, c.batch-first)
		tiles := images * t
		v, m := c.scratch.take(tilePlaces*tiles*in), c.scratch.take(tilePlaces*tiles*out)
		defer c.scratch.put(v)
		defer c.scratch.put(m)
		inside(images, func(i int) {
			c.mapImage(v[i*t*in:], tiles*in, src[(first+i)*in*plane:][:in*plane], in)
		})
		inside(tilePlaces, func(p int) {
			kernel.GemmSerial(tiles, out, in, 1, kernel.Mat{Data: v[p*tiles*in:], Stride: in},
				kernel.Mat{Data: u(p), Stride: out}, 0, kernel.Mat{Data: m[p*tiles*out:], Stride: out})
		})
		inside(images, func(i int) {
			y := dst[(first+i)*out*plane:][:out*plane]
			c.unmapOutput(y, m[i*t*out:], tiles*out, out)
			for f, b := range bias {
				row := y[f*plane : (f+1)*plane]
				arithmetic.Affine(row, row, 0, 1, b)
			}
		})
	})
}

// serial is kernel.Parallel on the calling goroutine alone.
func serial(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}
