package network

// Op is a kind of operation with its settings: one of the types of this package.
// A reader of networks switches over them.
type Op interface {
	// Shape is the shape of the result for one image, given those of the inputs.
	// It fails on what the operation can't take.
	Shape(inputs ...[]int) ([]int, error)
}

// Convolution is the cross-correlation of an image (channels × height × width)
// with square filters: filters × (height+2·Pad-Size)/Stride+1 × the same of the
// width, both rounded down; around the image there are zeros. Its parameters are
// the weight (filters × channels × size × size) and, with Bias, a number for
// each filter.
type Convolution struct {
	Filters, Size, Stride, Pad int
	Bias                       bool
}

// BatchNorm brings each channel of an image to mean 0 and variance 1, then scales
// and shifts it. Its parameters are the scale, the shift, and two buffers: the
// running mean and variance, which embedding uses. In training mean and variance are
// the batch's, and each running one r becomes r + Momentum·(batch's - r), with the
// unbiased variance; where it is Frozen, training does what embedding does. Epsilon
// is added to a variance.
type BatchNorm struct {
	Epsilon, Momentum float64
	Frozen            bool
}

// ReLU is max(x, 0) of any shape.
type ReLU struct{}

// Add is the sum of two values of one shape.
type Add struct{}

// Linear is Wx + b of a value, read as a row, or with Tokens of each token. Its
// parameters are W (outputs × numbers of the row) and b.
type Linear struct {
	Outputs int
	Tokens  bool
}

// LayerNorm brings a row, or each token, to mean 0 and variance 1, then scales and shifts each
// element. Its parameters are the scale and the shift; Epsilon is added to a
// variance.
type LayerNorm struct{ Epsilon float64 }

// Dropout leaves elements out in training: each with probability Share, the others
// scaled by 1/(1-Share). Seed, and the one parameter, a buffer that counts the
// training passes, draw them. In embedding it passes its input on.
type Dropout struct {
	Share float64
	Seed  uint64
}

// Normalize brings a value, read as a row, to unit length. A row of zeros stays
// zero.
type Normalize struct{}

// Shape of a convolution.
func (o Convolution) Shape(in ...[]int) ([]int, error) {
	return slide(o.Filters, o.Size, o.Stride, o.Pad, false, in)
}

// Shape of a batch normalisation: the input's.
func (o BatchNorm) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 3 {
		return nil, errShapes(o, in)
	}
	return in[0], nil
}

// Shape of a ReLU: the input's.
func (o ReLU) Shape(in ...[]int) ([]int, error) { return same(o, in, 1) }

// Shape of a dropout: the input's.
func (o Dropout) Shape(in ...[]int) ([]int, error) { return same(o, in, 1) }

// Shape of a sum: the inputs'.
func (o Add) Shape(in ...[]int) ([]int, error) { return same(o, in, 2) }

// Shape of a linear map: the outputs.
func (o Linear) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || o.Outputs < 1 {
		return nil, errShapes(o, in)
	}
	if !o.Tokens {
		return []int{o.Outputs}, nil
	}
	if len(in[0]) != 2 {
		return nil, errShapes(o, in)
	}
	return []int{in[0][0], o.Outputs}, nil
}

// Shape of a layer normalisation: the input's.
func (o LayerNorm) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) > 2 {
		return nil, errShapes(o, in)
	}
	return in[0], nil
}

// Shape of what is brought to unit length: a row.
func (o Normalize) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 {
		return nil, errShapes(o, in)
	}
	return []int{Elements(in[0])}, nil
}
