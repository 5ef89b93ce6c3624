package convolution

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// InputGradient stores dL/dx, given dL/dy and the filters (filters × channels × size ×
// size), for images that do not come channel by channel.
func (c *Convolution) InputGradient(dst, dy Images, batch int, filters []float32) {
	if c.side > 0 || c.isProduct() {
		// It is a convolution itself.
		s := c.Shape
		s.Channels, s.Filters = c.Filters, c.Channels
		back := New(s, c.scratch)
		packed := c.scratch.Take(back.PackedSize())
		defer c.scratch.Put(packed)
		back.packBack(packed, filters)
		back.Forward(dst, dy, batch, packed, nil)
		return
	}
	packed := c.scratch.Take(kernel.PackedSize(c.Filters, c.inner()))
	defer c.scratch.Put(packed)
	// What each pixel of the result gives to what its filter meets, and the sum of that.
	k, squares, width := c.inner(), c.Size*c.Size, kernel.Panel()
	kernel.Parallel(c.Filters, func(f int) {
		row := filters[f*k : (f+1)*k]
		if squares > 1 {
			row = c.scratch.Take(k)
			defer c.scratch.Put(row)
			kernel.Transpose(row, c.Channels, filters[f*k:], squares, c.Channels, squares)
		}
		for t := 0; t < k; t += width {
			copy(packed[t*c.Filters+f*width:][:min(width, k-t)], row[t:])
		}
	})
	places, pixels := c.out[0]*c.out[1], c.Height*c.Width
	group := max(1, leastStrip/places)
	kernel.Parallel(kernel.Blocks(batch, group), func(p int) {
		first := p * group
		images := min(group, batch-first)
		col := c.scratch.Take(images * places * k)
		defer c.scratch.Put(col)
		kernel.GemmPacked(images*places, k, c.Filters, kernel.Mat{Data: dy.from(first * places).Data, Stride: dy.Step}, packed,
			0, kernel.Mat{Data: col, Stride: k})
		to := dst.from(first * pixels)
		for i := range images * pixels {
			clear(to.from(i).Data[:c.Channels])
		}
		c.fold(to, col, images*places)
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

// WeightGradient stores dL/dfilters (filters × channels × size × size), given dL/dy
// and x.
func (c *Convolution) WeightGradient(dst []float32, dy, x Images, batch int) {
	if c.side > 0 {
		c.weightTiled(dst, dy, x, batch)
		return
	}
	k, n := c.inner(), c.Filters
	places := c.out[0] * c.out[1]
	if c.isProduct() {
		kernel.Gemm(n, k, batch*places, 1, kernel.Mat{Data: dy.Data, Stride: dy.Step, Trans: true},
			kernel.Mat{Data: x.Data, Stride: x.Step}, 0, kernel.Mat{Data: dst, Stride: k})
		return
	}
	sums := c.scratch.Take(n * k)
	defer c.scratch.Put(sums)
	group := max(1, unfoldedRoom/(places*k))
	const strip = 64
	var beta float32
	for first := 0; first < batch; first += group {
		pixels := min(group, batch-first) * places
		col := c.scratch.Take(pixels * k)
		b := kernel.Mat{Data: col, Stride: k}
		if c.Planes {
			// One strip after the other would lie apart: rows are as long as there are pixels.
			c.unfoldPlanes(col, x.Data[first*c.Channels*c.Height*c.Width:], 0, pixels)
			b = kernel.Mat{Data: col, Stride: pixels, Trans: true}
		} else {
			from := x.from(first * c.Height * c.Width)
			kernel.Parallel(kernel.Blocks(pixels, strip), func(s int) {
				c.unfold(col[s*strip*k:], from, s*strip, min(strip, pixels-s*strip))
			})
		}
		kernel.Gemm(n, k, pixels, 1, kernel.Mat{Data: dy.from(first * places).Data, Stride: dy.Step, Trans: true}, b,
			beta, kernel.Mat{Data: sums, Stride: k})
		c.scratch.Put(col)
		beta = 1
	}
	squares := c.Size * c.Size
	if c.Planes {
		copy(dst, sums)
		return
	}
	kernel.Parallel(n, func(f int) {
		kernel.Transpose(dst[f*k:], squares, sums[f*k:], c.Channels, squares, c.Channels)
	})
}

// gradientTiles are those whose products are summed together.
const gradientTiles = 512

// weightTiled is WeightGradient by tiles: groups of images are summed in order.
func (c *Convolution) weightTiled(dst []float32, dy, x Images, batch int) {
	size, places, across, down := c.Channels*c.Filters, c.places(), c.across(), c.down()
	sums := c.scratch.Take(places * size)
	defer c.scratch.Put(sums)
	units := batch * down
	group := max(1, gradientTiles/across)
	var beta float32
	for first := 0; first < units; first += group {
		rows := min(group, units-first)
		tiles := rows * across
		v, m := c.scratch.Take(places*tiles*c.Channels), c.scratch.Take(places*tiles*c.Filters)
		kernel.Parallel(rows, func(u int) {
			c.mapRow(v[u*across*c.Channels:], tiles*c.Channels, x, first+u)
			c.mapGradientRow(m[u*across*c.Filters:], tiles*c.Filters, dy, first+u)
		})
		kernel.Parallel(places, func(p int) {
			kernel.GemmSerial(c.Channels, c.Filters, tiles, 1,
				kernel.Mat{Data: v[p*tiles*c.Channels:], Stride: c.Channels, Trans: true},
				kernel.Mat{Data: m[p*tiles*c.Filters:], Stride: c.Filters},
				beta, kernel.Mat{Data: sums[p*size:], Stride: c.Filters})
		})
		c.scratch.Put(v)
		c.scratch.Put(m)
		beta = 1
	}
	kernel.Parallel(kernel.Blocks(c.Channels, someChannels), func(b int) {
		from := b * someChannels
		some := min(someChannels, c.Channels-from)
		filters := c.scratch.Take(some * 9 * c.Filters)
		defer c.scratch.Put(filters)
		arithmetic.WinogradFilterGradient(c.side,
			arithmetic.Squares{Data: filters, Row: 3 * c.Filters, Col: c.Filters, Step: 9 * c.Filters},
			arithmetic.Squares{Data: sums[from*c.Filters:], Row: (c.side + 2) * size, Col: size, Step: c.Filters}, c.Filters, some)
		kernel.Transpose(dst[from*9:], 9*c.Channels, filters, c.Filters, some*9, c.Filters)
	})
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
			from.Copy(lines[y*pitch:][:c.Width*n], y*c.Width, n)
		}
		src = arithmetic.Squares{Data: lines, Row: pitch, Col: n, Step: side * n}
	}
	to := arithmetic.Squares{Data: dst, Row: (side + 2) * step, Col: step, Step: n}
	arithmetic.WinogradOutputGradient(side, to, src, n, c.across())
}
