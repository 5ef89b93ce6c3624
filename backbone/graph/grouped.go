package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/xbm/kernel"
)

// Where an output has few places and the weights are many, an image's product
// alone would read all weights for little. Then a group of images is unfolded
// side by side, one product serves them all, and it is the product that is
// shared among the cores.
const (
	fewPlaces   = 64
	manyWeights = 1 << 16
	groupPlaces = 256 // of a group of images together
)

func (c *convolver) isGrouped() bool {
	return c.columns() < fewPlaces && c.filters*c.rows() > manyWeights
}

// group is the number of images taken together.
func (c *convolver) group() int { return min(c.batch, groupPlaces/c.columns()) }

// groups calls f for each group of images, from first on, with room for their
// unfolded images and for their outputs, side by side: rows × places and
// filters × places.
func (c *convolver) groups(f func(first, images, places int, col, out []float32)) {
	n, g := c.columns(), c.group()
	col, out := c.scratch.take(c.rows()*g*n), c.scratch.take(c.filters*g*n)
	defer c.scratch.put(col)
	defer c.scratch.put(out)
	for first := 0; first < c.batch; first += g {
		images := min(g, c.batch-first)
		f(first, images, images*n, col, out)
	}
}

// forwardGrouped is forward in groups.
func (c *convolver) forwardGrouped(dst []float32, in [][]float32) {
	k, n := c.rows(), c.columns()
	c.groups(func(first, images, places int, col, out []float32) {
		c.unfoldGroup(in[0], first, images, places, col)
		kernel.Gemm(c.filters, places, k, 1, kernel.Mat{Data: in[1], Stride: k},
			kernel.Mat{Data: col, Stride: places}, 0, kernel.Mat{Data: out, Stride: places})
		kernel.Parallel(images, func(i int) {
			y := c.output(dst, first+i)
			for f := range c.filters {
				row := out[f*places+i*n:][:n]
				if len(in) == 3 {
					arithmetic.Affine(y[f*n:(f+1)*n], row, 0, 1, in[2][f])
					continue
				}
				copy(y[f*n:(f+1)*n], row)
			}
		})
	})
}

// inputGradientGrouped is inputGradient in groups.
func (c *convolver) inputGradientGrouped(dst []float32, in [][]float32) {
	k, n := c.rows(), c.columns()
	c.groups(func(first, images, places int, col, out []float32) {
		c.gather(in[0], first, images, places, out)
		kernel.Gemm(k, places, c.filters, 1, kernel.Mat{Data: in[1], Stride: k, Trans: true},
			kernel.Mat{Data: out, Stride: places}, 0, kernel.Mat{Data: col, Stride: places})
		kernel.Parallel(images, func(i int) {
			c.fold(c.image(dst, first+i), col[i*n:], places)
		})
	})
}

// weightGradientGrouped is weightGradient in groups, which are summed in order.
func (c *convolver) weightGradientGrouped(dst []float32, in [][]float32) {
	k := c.rows()
	var beta float32
	c.groups(func(first, images, places int, col, out []float32) {
		c.gather(in[0], first, images, places, out)
		c.unfoldGroup(in[1], first, images, places, col)
		kernel.Gemm(c.filters, k, places, 1, kernel.Mat{Data: out, Stride: places},
			kernel.Mat{Data: col, Stride: places, Trans: true}, beta, kernel.Mat{Data: dst, Stride: k})
		beta = 1
	})
}

// unfoldGroup stores the unfolded images side by side.
func (c *convolver) unfoldGroup(x []float32, first, images, places int, col []float32) {
	n := c.columns()
	kernel.Parallel(images, func(i int) {
		c.unfold(col[i*n:], places, c.image(x, first+i))
	})
}

// gather stores the outputs of a group side by side.
func (c *convolver) gather(y []float32, first, images, places int, out []float32) {
	n := c.columns()
	kernel.Parallel(images, func(i int) {
		one := c.output(y, first+i)
		for f := range c.filters {
			copy(out[f*places+i*n:][:n], one[f*n:])
		}
	})
}
