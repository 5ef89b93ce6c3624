package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// mapImage stores the map of each tile of an image, channels long, those of the 16
// places step apart.
func (c *convolver) mapImage(dst []float32, step int, image []float32, channels int) {
	down, across := c.tiling()
	pitch := 2*across + 2 // of the image with zeros around it, channel by channel at each pixel
	around := c.scratch.take((2*down + 2) * pitch * channels)
	defer c.scratch.put(around)
	clear(around)
	for y := range c.height {
		kernel.Transpose(around[((y+1)*pitch+1)*channels:], channels, image[y*c.width:], c.height*c.width, channels, c.width)
	}
	for y := range down {
		arithmetic.WinogradImage(arithmetic.Squares{Data: dst[y*across*channels:], Row: 4 * step, Col: step, Step: channels},
			arithmetic.Squares{Data: around[2*y*pitch*channels:], Row: pitch * channels, Col: channels, Step: 2 * channels},
			channels, across)
	}
}

// mapOutputGradient stores what each tile of dL/dy is to the 16 products, filters
// long, those of the 16 places step apart.
func (c *convolver) mapOutputGradient(dst []float32, step int, dy []float32) {
	down, across := c.tiling()
	pitch := 2 * across
	around := c.scratch.take(2 * down * pitch * c.filters)
	defer c.scratch.put(around)
	if c.height%2 == 1 || c.width%2 == 1 {
		clear(around)
	}
	for y := range c.height {
		kernel.Transpose(around[y*pitch*c.filters:], c.filters, dy[y*c.width:], c.height*c.width, c.filters, c.width)
	}
	for y := range down {
		arithmetic.WinogradOutputGradient(arithmetic.Squares{Data: dst[y*across*c.filters:], Row: 4 * step, Col: step, Step: c.filters},
			arithmetic.Squares{Data: around[2*y*pitch*c.filters:], Row: pitch * c.filters, Col: c.filters, Step: 2 * c.filters},
			c.filters, across)
	}
}

// unmapOutput stores the image that the 16 products of its tiles are mapped to.
func (c *convolver) unmapOutput(dst, m []float32, step, channels int) {
	down, across := c.tiling()
	pitch := 2 * across
	pixels := c.scratch.take(2 * down * pitch * channels)
	defer c.scratch.put(pixels)
	for y := range down {
		arithmetic.WinogradOutput(arithmetic.Squares{Data: pixels[2*y*pitch*channels:], Row: pitch * channels, Col: channels, Step: 2 * channels},
			arithmetic.Squares{Data: m[y*across*channels:], Row: 4 * step, Col: step, Step: channels}, channels, across)
	}
	if pitch == c.width {
		kernel.Transpose(dst, c.height*c.width, pixels, channels, c.height*c.width, channels)
		return
	}
	for y := range c.height {
		kernel.Transpose(dst[y*c.width:], c.height*c.width, pixels[y*pitch*channels:], channels, c.width, channels)
	}
}
