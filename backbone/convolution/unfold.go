package convolution

import "crossbatch/xbm/kernel"

// place is a pixel of the result.
type place struct{ image, y, x int }

// place is the pixel of a number; next is the one after it.
func (c *Convolution) place(pixel int) place {
	plane := c.out[0] * c.out[1]
	return place{pixel / plane, pixel % plane / c.out[1], pixel % c.out[1]}
}

func (c *Convolution) next(p *place) {
	if p.x++; p.x < c.out[1] {
		return
	}
	p.x = 0
	if p.y++; p.y < c.out[0] {
		return
	}
	p.y = 0
	p.image++
}

// span is the part of a filter's columns, or rows, that lies on an image of a size,
// where the filter begins at a place.
func (c *Convolution) span(begin, size int) (from, to int) {
	return min(c.Size, max(0, -begin)), max(0, min(c.Size, size-begin))
}

// unfold stores for each pixel of the result what a filter meets there, row by row of
// the filter.
func (c *Convolution) unfold(col []float32, src Images, pixel, pixels int) {
	k, line := c.inner(), c.Size*c.Channels
	p := c.place(pixel)
	for i := range pixels {
		row := col[i*k : (i+1)*k]
		top, left := p.y*c.Stride-c.Pad, p.x*c.Stride-c.Pad
		from, to := c.span(left, c.Width)
		for ky := range c.Size {
			dst, y := row[ky*line:(ky+1)*line], top+ky
			if y < 0 || y >= c.Height || from >= to {
				clear(dst)
				continue
			}
			clear(dst[:from*c.Channels])
			clear(dst[to*c.Channels:])
			src.Copy(dst[from*c.Channels:to*c.Channels], (p.image*c.Height+y)*c.Width+left+from, c.Channels)
		}
		c.next(&p)
	}
}

// unfoldPlanes is unfold for images that come channel by channel, and its transpose: a
// row for each element of a filter.
func (c *Convolution) unfoldPlanes(col, images []float32, pixel, pixels int) {
	plane := c.Height * c.Width
	r := 0
	for ch := range c.Channels {
		for ky := range c.Size {
			for kx := range c.Size {
				row := col[r*pixels : (r+1)*pixels]
				r++
				// The places whose column kx lies on the image.
				lo := kernel.Blocks(max(0, c.Pad-kx), c.Stride)
				hi := min(c.out[1], kernel.Blocks(max(0, c.Width+c.Pad-kx), c.Stride))
				for p, i := c.place(pixel), 0; i < pixels; {
					n := min(c.out[1]-p.x, pixels-i) // places of this row
					dst := row[i : i+n]
					y := p.y*c.Stride + ky - c.Pad
					from, to := max(lo, p.x), min(hi, p.x+n)
					if y < 0 || y >= c.Height || from >= to {
						clear(dst)
					} else {
						clear(dst[:from-p.x])
						clear(dst[to-p.x:])
						line := images[(p.image*c.Channels+ch)*plane+y*c.Width:][:c.Width]
						stretch(dst[from-p.x:to-p.x], line[from*c.Stride+kx-c.Pad:], c.Stride)
					}
					i += n
					p = c.place(pixel + i)
				}
			}
		}
	}
}

// stretch stores elements of src that are stride apart.
func stretch(dst, src []float32, stride int) {
	if stride == 1 {
		copy(dst, src)
		return
	}
	src = src[:(len(dst)-1)*stride+1]
	for i := range dst {
		dst[i] = src[i*stride]
	}
}
