package convolution

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// PackedSize is the number of elements of packed filters.
func (c *Convolution) PackedSize() int {
	if c.side > 0 {
		return c.places() * kernel.PackedSize(c.Channels, c.Filters)
	}
	return kernel.PackedSize(c.inner(), c.Filters)
}

// someChannels are those whose filters are laid out at a time: they stay in the first
// cache.
const someChannels = 16

// Pack stores filters (filters × channels × size × size), each multiplied by its factor
// where there are factors, as Forward takes them.
func (c *Convolution) Pack(packed, filters, factors []float32) {
	width, squares, k := kernel.Panel(), c.Size*c.Size, c.inner()
	across := blocks(c.Channels, someChannels)
	kernel.Parallel(across*blocks(c.Filters, width), func(b int) {
		t, first := b/across*width, b%across*someChannels
		cols, some := min(width, c.Filters-t), min(someChannels, c.Channels-first)
		// A row of filters for each element of each channel's square.
		turned := c.scratch.Take(some * squares * width)
		defer c.scratch.Put(turned)
		kernel.Transpose(turned, width, filters[t*k+first*squares:], k, cols, some*squares)
		if factors != nil {
			for r := range some * squares {
				row := turned[r*width : r*width+cols]
				kernel.Multiply(row, row, factors[t:t+cols])
			}
		}
		switch {
		case c.side > 0:
			place := kernel.PackedSize(c.Channels, c.Filters)
			c.mapFilters(
				arithmetic.Squares{Data: packed[t*c.Channels+first*width:], Row: (c.side + 2) * place, Col: place, Step: width},
				arithmetic.Squares{Data: turned, Row: 3 * width, Col: width, Step: 9 * width}, cols, some)
		case c.Planes:
			copy(packed[t*k+first*squares*width:], turned)
		default:
			for s := range squares {
				to := packed[t*k+(s*c.Channels+first)*width:]
				for ch := range some {
					copy(to[ch*width:(ch+1)*width], turned[(ch*squares+s)*width:])
				}
			}
		}
	})
}
