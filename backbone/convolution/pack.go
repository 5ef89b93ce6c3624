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
	c.pack(packed, factors, false, func(turned []float32, width, t, cols, first, some int) {
		kernel.Transpose(turned, width, filters[t*c.inner()+first*c.Size*c.Size:], c.inner(), cols, some*c.Size*c.Size)
	})
}

// packBack stores the filters of the forward convolution as the one takes them that
// carries gradients back by tiles, or as products: channels and filters swapped, and each
// filter turned by half a circle.
func (c *Convolution) packBack(packed, filters []float32) {
	squares := c.Size * c.Size
	c.pack(packed, nil, true, func(turned []float32, width, t, cols, first, some int) {
		for i := range some {
			if squares == 1 {
				copy(turned[i*width:i*width+cols], filters[(first+i)*c.Filters+t:])
				continue
			}
			kernel.Transpose(turned[i*squares*width:], width, filters[((first+i)*c.Filters+t)*squares:], squares, cols, squares)
		}
	})
}

// pack is Pack for filters that gather lays out: for some channels from the first on, a
// row of the filters from t on, width apart, for each element of each channel's square.
func (c *Convolution) pack(packed, factors []float32, back bool, gather func(turned []float32, width, t, cols, first, some int)) {
	width, squares, k := kernel.Panel(), c.Size*c.Size, c.inner()
	across := kernel.Blocks(c.Channels, someChannels)
	kernel.Parallel(across*kernel.Blocks(c.Filters, width), func(b int) {
		t, first := b/across*width, b%across*someChannels
		cols, some := min(width, c.Filters-t), min(someChannels, c.Channels-first)
		turned := c.scratch.Take(some * squares * width)
		defer c.scratch.Put(turned)
		gather(turned, width, t, cols, first, some)
		if factors != nil {
			for r := range some * squares {
				row := turned[r*width : r*width+cols]
				kernel.Multiply(row, row, factors[t:t+cols])
			}
		}
		switch {
		case c.side > 0:
			place := kernel.PackedSize(c.Channels, c.Filters)
			src := arithmetic.Squares{Data: turned, Row: 3 * width, Col: width, Step: 9 * width}
			if back {
				src.Row, src.Col, src.From = -src.Row, -src.Col, 8*width
			}
			arithmetic.WinogradFilter(c.side,
				arithmetic.Squares{Data: packed[t*c.Channels+first*width:], Row: (c.side + 2) * place, Col: place, Step: width}, src, cols, some)
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
