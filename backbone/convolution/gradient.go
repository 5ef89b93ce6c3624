package convolution

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// Gradients are the gradients of a convolution. Make them with Gradients of one.
type Gradients struct {
	*Convolution
	back   *Convolution // dL/dy to dL/dx, where that is a convolution
	packed []float32
	sums   []float32
}

// Gradients are those of c. They are not safe for concurrent use.
func (c *Convolution) Gradients() *Gradients {
	g := &Gradients{Convolution: c}
	if c.side > 0 || c.isProduct() {
		s := c.Shape
		s.Channels, s.Filters = c.Filters, c.Channels
		g.back = New(s, c.scratch)
		g.packed = make([]float32, g.back.PackedSize())
	} else {
		g.packed = make([]float32, kernel.PackedSize(c.Filters, c.inner()))
	}
	return g
}

// Input stores dL/dx, given dL/dy and the filters (filters × channels × size × size), for
// images that do not come channel by channel.
func (g *Gradients) Input(dst, dy Images, batch int, filters []float32) {
	if g.back != nil {
		g.back.packBack(g.packed, filters)
		g.back.Forward(dst, dy, batch, g.packed, nil)
		return
	}
	// What each pixel of the result gives to what its filter meets, and the sum of that.
	k, squares, width := g.inner(), g.Size*g.Size, kernel.Panel()
	kernel.Parallel(g.Filters, func(f int) {
		row := g.scratch.Take(k)
		defer g.scratch.Put(row)
		kernel.Transpose(row, g.Channels, filters[f*k:], squares, g.Channels, squares)
		for t := 0; t < k; t += width {
			copy(g.packed[t*g.Filters+f*width:][:min(width, k-t)], row[t:])
		}
	})
	places, pixels := g.out[0]*g.out[1], g.Height*g.Width
	group := max(1, leastStrip/places)
	kernel.Parallel(blocks(batch, group), func(p int) {
		first := p * group
		images := min(group, batch-first)
		col := g.scratch.Take(images * places * k)
		defer g.scratch.Put(col)
		kernel.GemmPacked(images*places, k, g.Filters, kernel.Mat{Data: dy.from(first * places).Data, Stride: dy.Step}, g.packed,
			0, kernel.Mat{Data: col, Stride: k})
		to := dst.from(first * pixels)
		for i := range images * pixels {
			clear(to.from(i).Data[:g.Channels])
		}
		g.fold(to, col, images*places)
	})
}

// fold adds to pixels of images what col, unfolded, has for them.
func (c *Convolution) fold(dst Images, col []float32, pixels int) {
	k, line := c.inner(), c.Size*c.Channels
	p := c.place(0)
	for i := range pixels {
		row := col[i*k : (i+1)*k]
		top, left := p.y*c.Stride-c.Pad, p.x*c.Stride-c.Pad
		from, to := c.span(left, c.Width)
		for ky := range c.Size {
			src, y := row[ky*line:(ky+1)*line], top+ky
			if y < 0 || y >= c.Height || from >= to {
				continue
			}
			begin := dst.from((p.image*c.Height+y)*c.Width + left + from)
			if begin.Step == c.Channels {
				kernel.Axpy(begin.Data[:(to-from)*c.Channels], 1, src[from*c.Channels:to*c.Channels])
				continue
			}
			for kx := from; kx < to; kx++ {
				kernel.Axpy(begin.from(kx - from).Data[:c.Channels], 1, src[kx*c.Channels:(kx+1)*c.Channels])
			}
		}
		c.next(&p)
	}
}

// unfoldedRoom is how many numbers of unfolded images there are at a time.
const unfoldedRoom = 1 << 22

// Weight stores dL/dfilters, given dL/dy and x.
func (g *Gradients) Weight(dst []float32, dy, x Images, batch int) {
	if g.side > 0 {
		g.weightTiled(dst, dy, x, batch)
		return
	}
	k, n := g.inner(), g.Filters
	places := g.out[0] * g.out[1]
	if g.isProduct() {
		kernel.Gemm(n, k, batch*places, 1, kernel.Mat{Data: dy.Data, Stride: dy.Step, Trans: true},
			kernel.Mat{Data: x.Data, Stride: x.Step}, 0, kernel.Mat{Data: dst, Stride: k})
		return
	}
	sums := g.scratch.Take(n * k)
	defer g.scratch.Put(sums)
	group := max(1, unfoldedRoom/(places*k))
	const strip = 64
	var beta float32
	for first := 0; first < batch; first += group {
		pixels := min(group, batch-first) * places
		col := g.scratch.Take(pixels * k)
		b := kernel.Mat{Data: col, Stride: k}
		if g.Planes {
			// One strip after the other would lie apart: rows are as long as there are pixels.
			g.unfoldPlanes(col, x.Data[first*g.Channels*g.Height*g.Width:], 0, pixels)
			b = kernel.Mat{Data: col, Stride: pixels, Trans: true}
		} else {
			from := x.from(first * g.Height * g.Width)
			kernel.Parallel(blocks(pixels, strip), func(s int) {
				g.unfold(col[s*strip*k:], from, s*strip, min(strip, pixels-s*strip))
			})
		}
		kernel.Gemm(n, k, pixels, 1, kernel.Mat{Data: dy.from(first * places).Data, Stride: dy.Step, Trans: true}, b,
			beta, kernel.Mat{Data: sums, Stride: k})
		g.scratch.Put(col)
		beta = 1
	}
	squares := g.Size * g.Size
	if g.Planes {
		copy(dst, sums)
		return
	}
	kernel.Parallel(n, func(f int) {
		kernel.Transpose(dst[f*k:], squares, sums[f*k:], g.Channels, squares, g.Channels)
	})
}

// gradientTiles are those whose products are summed together.
const gradientTiles = 512

// weightTiled is Weight by tiles: groups of images are summed in order.
func (g *Gradients) weightTiled(dst []float32, dy, x Images, batch int) {
	size, places, across, down := g.Channels*g.Filters, g.places(), g.across(), g.down()
	sums := g.scratch.Take(places * size)
	defer g.scratch.Put(sums)
	units := batch * down
	group := max(1, gradientTiles/across)
	var beta float32
	for first := 0; first < units; first += group {
		rows := min(group, units-first)
		tiles := rows * across
		v, m := g.scratch.Take(places*tiles*g.Channels), g.scratch.Take(places*tiles*g.Filters)
		kernel.Parallel(rows, func(u int) {
			g.mapRow(v[u*across*g.Channels:], tiles*g.Channels, x, first+u)
			g.mapGradientRow(m[u*across*g.Filters:], tiles*g.Filters, dy, first+u)
		})
		kernel.Parallel(places, func(p int) {
			kernel.GemmSerial(g.Channels, g.Filters, tiles, 1,
				kernel.Mat{Data: v[p*tiles*g.Channels:], Stride: g.Channels, Trans: true},
				kernel.Mat{Data: m[p*tiles*g.Filters:], Stride: g.Filters},
				beta, kernel.Mat{Data: sums[p*size:], Stride: g.Filters})
		})
		g.scratch.Put(v)
		g.scratch.Put(m)
		beta = 1
	}
	kernel.Parallel(blocks(g.Channels, someChannels), func(b int) {
		from := b * someChannels
		some := min(someChannels, g.Channels-from)
		filters := g.scratch.Take(some * 9 * g.Filters)
		defer g.scratch.Put(filters)
		g.mapFilterGradients(
			arithmetic.Squares{Data: filters, Row: 3 * g.Filters, Col: g.Filters, Step: 9 * g.Filters},
			arithmetic.Squares{Data: sums[from*g.Filters:], Row: (g.side + 2) * size, Col: size, Step: g.Filters}, g.Filters, some)
		kernel.Transpose(dst[from*9:], 9*g.Channels, filters, g.Filters, some*9, g.Filters)
	})
}

func (c *Convolution) mapFilterGradients(dst, src arithmetic.Squares, n, count int) {
	if c.side == 4 {
		arithmetic.Winograd4FilterGradient(dst, src, n, count)
		return
	}
	arithmetic.WinogradFilterGradient(dst, src, n, count)
}

// mapGradientRow stores what a row of tiles of dL/dy is to the products, those of the
// places step apart.
func (c *Convolution) mapGradientRow(dst []float32, step int, dy Images, unit int) {
	n, side := c.Filters, c.side
	image, top := unit/c.down(), unit%c.down()*side
	rows := min(side, c.Height-top)
	from := dy.from((image*c.Height + top) * c.Width)
	src := arithmetic.Squares{Data: from.Data, Row: c.Width * from.Step, Col: from.Step, Step: side * from.Step}
	if rows < side || c.across()*side > c.Width {
		pitch := c.across() * side * n
		lines := c.scratch.Take(side * pitch)
		defer c.scratch.Put(lines)
		clear(lines)
		for y := range rows {
			for x := range c.Width {
				copy(lines[y*pitch+x*n:][:n], from.from(y*c.Width+x).Data)
			}
		}
		src = arithmetic.Squares{Data: lines, Row: pitch, Col: n, Step: side * n}
	}
	to := arithmetic.Squares{Data: dst, Row: (side + 2) * step, Col: step, Step: n}
	if side == 4 {
		arithmetic.Winograd4OutputGradient(to, src, n, c.across())
		return
	}
	arithmetic.WinogradOutputGradient(to, src, n, c.across())
}
