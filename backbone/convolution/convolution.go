package convolution

import (
	"math"
	"runtime"

	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// Convolution is a way to convolve images of one shape. Make one with New. It is safe
// for concurrent use.
type Convolution struct {
	Shape
	out     [2]int // height and width of the result
	side    int    // of tiles, 0 for none
	scratch *Scratch
}

// New is the way to convolve images of a shape, whose result must have a height and
// a width above 0. It takes buffers from scratch.
func New(s Shape, scratch *Scratch) *Convolution {
	c := &Convolution{Shape: s, side: s.tile(), scratch: scratch}
	c.out[0], c.out[1] = s.Out()
	return c
}

// Images are the pixels of a batch: the numbers of pixel p begin at Data[p·Step]. Step
// may be more than a pixel has numbers, so that these may be a part of larger pixels.
type Images struct {
	Data []float32
	Step int
}

// from is what begins at a pixel.
func (x Images) from(pixel int) Images {
	x.Data = x.Data[pixel*x.Step:]
	return x
}

// Copy stores in dst the first channels of the pixels from one on, one after the other.
func (x Images) Copy(dst []float32, pixel, channels int) {
	if x.Step == channels {
		copy(dst, x.from(pixel).Data)
		return
	}
	for ; len(dst) > 0; dst = dst[channels:] {
		copy(dst[:channels], x.from(pixel).Data)
		pixel++
	}
}

// Finish is what becomes of each number y of a result: max(y + other + bias, floor).
type Finish struct {
	Bias  []float32 // of each filter
	Other Images    // of the result's shape; without Data, none
	Floor float32   // -Inf leaves all as it is
}

// none is the floor that changes nothing.
var none = float32(math.Inf(-1))

// Plain is what becomes of a result that only gets a bias.
func Plain(bias []float32) *Finish { return &Finish{Bias: bias, Floor: none} }

// rows finishes the numbers that begin at a pixel. A nil Finish does nothing.
func (f *Finish) rows(dst Images, pixel, pixels int) {
	if f == nil || pixels == 0 {
		return
	}
	var other []float32
	if f.Other.Data != nil {
		other = f.Other.from(pixel).Data
	}
	arithmetic.FinishRows(dst.from(pixel).Data, dst.Step, other, f.Other.Step, f.Bias, f.Floor, pixels)
}

// Forward stores the cross-correlation of a batch of images with filters, which come as
// Pack stores them. f finishes the result; nil leaves it as it is.
func (c *Convolution) Forward(dst, src Images, batch int, packed []float32, f *Finish) {
	switch {
	case c.side > 0:
		c.forwardTiled(dst, src, batch, packed, f)
	case c.isProduct():
		c.multiply(dst, batch*c.Height*c.Width, packed, f, func(pixel, _ int, use func(kernel.Mat)) {
			use(kernel.Mat{Data: src.from(pixel).Data, Stride: src.Step})
		})
	default:
		c.multiply(dst, batch*c.out[0]*c.out[1], packed, f, func(pixel, pixels int, use func(kernel.Mat)) {
			k := c.inner()
			col := c.scratch.Take(k * pixels)
			defer c.scratch.Put(col)
			if c.Planes {
				c.unfoldPlanes(col, src.Data, pixel, pixels)
				use(kernel.Mat{Data: col, Stride: pixels, Trans: true})
				return
			}
			c.unfold(col, src, pixel, pixels)
			use(kernel.Mat{Data: col, Stride: k})
		})
	}
}

const (
	leastStrip = 96 // pixels that are multiplied at a time: fewer read the filters too often
	mostStrip  = 192
	stripRoom  = 1 << 16 // numbers of unfolded pixels that stay in the second-level cache
)

// multiply stores the product of pixels, which rows gives as a matrix, with filters.
func (c *Convolution) multiply(dst Images, pixels int, packed []float32, f *Finish, rows func(pixel, pixels int, use func(kernel.Mat))) {
	k, n := c.inner(), c.Filters
	strip := min(mostStrip, max(leastStrip, stripRoom/k))
	strips := kernel.Blocks(pixels, strip)
	if strips < runtime.GOMAXPROCS(0) {
		// Then the filters are shared out. This changes no sum and so no bits.
		width := kernel.Panel()
		rows(0, pixels, func(a kernel.Mat) {
			kernel.Parallel(kernel.Blocks(n, width), func(t int) {
				kernel.GemmPacked(pixels, min(width, n-t*width), k, a, packed[t*width*k:], 0,
					kernel.Mat{Data: dst.Data[t*width:], Stride: dst.Step})
			})
		})
		f.rows(dst, 0, pixels)
		return
	}
	kernel.Parallel(strips, func(s int) {
		from, to := s*pixels/strips, (s+1)*pixels/strips
		rows(from, to-from, func(a kernel.Mat) {
			kernel.GemmPacked(to-from, n, k, a, packed, 0, kernel.Mat{Data: dst.from(from).Data, Stride: dst.Step})
		})
		f.rows(dst, from, to-from)
	})
}
