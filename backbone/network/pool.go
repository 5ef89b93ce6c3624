package network

import "fmt"

// MaxPool is the largest element in each place of a square window that slides over
// each channel of an image; what lies outside does not count. The result is as large
// as a convolution's of these settings; with Ceil, sizes are rounded up, so that a
// window may reach beyond the end of the image, but none begins there (PyTorch's
// ceil_mode).
type MaxPool struct {
	Size, Stride, Pad int
	Ceil              bool
}

// AveragePool is the mean in each place of a square window that slides over each
// channel of an image; around the image there are zeros, which count (PyTorch's
// count_include_pad).
type AveragePool struct{ Size, Stride, Pad int }

// GlobalAverage is the mean of each channel of an image: a row.
type GlobalAverage struct{}

// GlobalMax is the largest element of each channel of an image: a row.
type GlobalMax struct{}

// Shape of a pooling.
func (o MaxPool) Shape(in ...[]int) ([]int, error) {
	if len(in) == 1 && len(in[0]) == 3 && o.Pad < o.Size {
		return slide(in[0][0], o.Size, o.Stride, o.Pad, o.Ceil, in)
	}
	return nil, errShapes(o, in)
}

// Shape of an average in windows.
func (o AveragePool) Shape(in ...[]int) ([]int, error) {
	if len(in) == 1 && len(in[0]) == 3 && o.Pad < o.Size {
		return slide(in[0][0], o.Size, o.Stride, o.Pad, false, in)
	}
	return nil, errShapes(o, in)
}

// Shape of a global average: the channels.
func (o GlobalAverage) Shape(in ...[]int) ([]int, error) { return channels(o, in) }

// Shape of a global maximum: the channels.
func (o GlobalMax) Shape(in ...[]int) ([]int, error) { return channels(o, in) }

// slide is the shape of what a window leaves at each of its places.
func slide(filters, size, stride, pad int, ceil bool, in [][]int) ([]int, error) {
	shape := []int{filters, 0, 0}
	fits := len(in) == 1 && len(in[0]) == 3 && filters > 0 && size > 0 && stride > 0 && pad >= 0
	for i := 1; fits && i < 3; i++ {
		shape[i] = places(in[0][i], size, stride, pad, ceil)
		fits = shape[i] > 0
	}
	if !fits {
		return nil, fmt.Errorf("a window of %d×%d, %d apart, with %d of padding, does not fit %v", size, size, stride, pad, in)
	}
	return shape, nil
}

// places is how often a window fits a side, 0 where it does not.
func places(side, size, stride, pad int, ceil bool) int {
	room := side + 2*pad - size
	switch {
	case room < 0 && (!ceil || room <= -stride):
		return 0
	case !ceil || room%stride == 0:
		return room/stride + 1
	case room < 0:
		return 1
	}
	n := room/stride + 2
	if (n-1)*stride >= side+pad {
		n--
	}
	return n
}
