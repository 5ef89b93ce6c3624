package convolution

import (
	"runtime"

	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// A 3×3 convolution that keeps the size of the image, by tiles of 2×2 or 4×4 places:
// images and filters are mapped to 16 or 36 matrices each, whose products map back to
// the result. In them a row is a tile, and the channels lie side by side.
const (
	leastTiles = 48      // whose products are taken together: fewer read the filters too often
	tileRoom   = 3 << 17 // numbers of mapped tiles that stay in the second-level cache
)

// places are the products of a tile.
func (c *Convolution) places() int { return (c.side + 2) * (c.side + 2) }

// across is the number of tiles from left to right, down from top to bottom.
func (c *Convolution) across() int { return kernel.Blocks(c.Width, c.side) }
func (c *Convolution) down() int   { return kernel.Blocks(c.Height, c.side) }

// forwardTiled is Forward by tiles. Its unit is a row of tiles of an image.
func (c *Convolution) forwardTiled(dst, src Images, batch int, packed []float32, f *Finish) {
	units, across, places := batch*c.down(), c.across(), c.places()
	group := max(1, max(leastTiles, tileRoom/(places*(c.Channels+c.Filters)))/across)
	groups := kernel.Blocks(units, group)
	each, inside := kernel.Parallel, serial
	if groups < runtime.GOMAXPROCS(0) {
		// Then a group shares its work. This changes no sum and so no bits.
		groups, each, inside = 1, serial, kernel.Parallel
	}
	each(groups, func(g int) {
		first, end := g*units/groups, (g+1)*units/groups
		tiles := (end - first) * across
		in, out := tiles*c.Channels, tiles*c.Filters // of a place
		v, m := c.scratch.Take(places*in), c.scratch.Take(places*out)
		defer c.scratch.Put(v)
		defer c.scratch.Put(m)
		inside(end-first, func(u int) {
			c.mapRow(v[u*across*c.Channels:], in, src, first+u)
		})
		each := kernel.PackedSize(c.Channels, c.Filters)
		inside(places, func(p int) {
			kernel.GemmPacked(tiles, c.Filters, c.Channels, kernel.Mat{Data: v[p*in:], Stride: c.Channels},
				packed[p*each:], 0, kernel.Mat{Data: m[p*out:], Stride: c.Filters})
		})
		inside(end-first, func(u int) {
			c.unmapRow(dst, m[u*across*c.Filters:], out, first+u, f)
		})
	})
}

// mapRow stores the maps of a row of tiles, those of the places step apart.
func (c *Convolution) mapRow(dst []float32, step int, src Images, unit int) {
	n, side := c.Channels, c.side+2
	pitch := c.across()*c.side + 2 // of the image with zeros around it
	around := c.scratch.Take(side * pitch * n)
	defer c.scratch.Put(around)
	image, top := unit/c.down(), unit%c.down()*c.side-1
	for i := range side {
		line, y := around[i*pitch*n:(i+1)*pitch*n], top+i
		if y < 0 || y >= c.Height {
			clear(line)
			continue
		}
		clear(line[:n])
		clear(line[(1+c.Width)*n:])
		src.Copy(line[n:(1+c.Width)*n], (image*c.Height+y)*c.Width, n)
	}
	arithmetic.WinogradImage(c.side, arithmetic.Squares{Data: dst, Row: side * step, Col: step, Step: n},
		arithmetic.Squares{Data: around, Row: pitch * n, Col: n, Step: c.side * n}, n, c.across())
}

// unmapRow stores the pixels that the products of a row of tiles are mapped to.
func (c *Convolution) unmapRow(dst Images, m []float32, step, unit int, f *Finish) {
	n := c.Filters
	image, top := unit/c.down(), unit%c.down()*c.side
	rows := min(c.side, c.Height-top)
	pixel := (image*c.Height + top) * c.Width
	src := arithmetic.Squares{Data: m, Row: (c.side + 2) * step, Col: step, Step: n}
	if rows == c.side && c.across()*c.side == c.Width {
		arithmetic.WinogradOutput(c.side, arithmetic.Squares{Data: dst.from(pixel).Data, Row: c.Width * dst.Step, Col: dst.Step, Step: c.side * dst.Step}, src, n, c.across())
	} else {
		pitch := c.across() * c.side * n
		lines := c.scratch.Take(c.side * pitch)
		defer c.scratch.Put(lines)
		arithmetic.WinogradOutput(c.side, arithmetic.Squares{Data: lines, Row: pitch, Col: n, Step: c.side * n}, src, n, c.across())
		for y := range rows {
			for x := range c.Width {
				copy(dst.from(pixel + y*c.Width + x).Data[:n], lines[y*pitch+x*n:])
			}
		}
	}
	f.rows(dst, pixel, rows*c.Width)
}

// serial is kernel.Parallel on the calling goroutine alone.
func serial(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}
