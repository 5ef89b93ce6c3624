package convolution

import "crossbatch/xbm/kernel"

// Shape is that of a cross-correlation of images with square filters, zeros around
// the images.
type Shape struct {
	Height, Width, Channels    int
	Filters, Size, Stride, Pad int

	// Planes says that images come channel by channel, as they do from outside.
	Planes bool
}

// Out is the height and width of the result.
func (s *Shape) Out() (height, width int) {
	return (s.Height+2*s.Pad-s.Size)/s.Stride + 1, (s.Width+2*s.Pad-s.Size)/s.Stride + 1
}

// inner is the number of products that make a number of the result.
func (s *Shape) inner() int { return s.Size * s.Size * s.Channels }

// isProduct tells that pixels are multiplied as they are.
func (s *Shape) isProduct() bool {
	return s.Size == 1 && s.Stride == 1 && s.Pad == 0 && !s.Planes
}

// leastWidth is how many channels and filters tiles are worth their maps for: fewer do
// not fill a vector.
const leastWidth = 16

// tile is the side of the tiles that take the fewest multiplications, or 0 for none.
func (s *Shape) tile() int {
	if s.Size != 3 || s.Stride != 1 || s.Pad != 1 || s.Planes ||
		min(s.Channels, s.Filters) < leastWidth || min(s.Height, s.Width) < 2 {
		return 0
	}
	multiplications := func(tile int) int {
		return kernel.Blocks(s.Height, tile) * kernel.Blocks(s.Width, tile) * (tile + 2) * (tile + 2)
	}
	if multiplications(2) < multiplications(4) {
		return 2
	}
	return 4
}
