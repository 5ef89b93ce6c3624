package network

// Concat is channels of several images of one height and width, one after the
// other, or the numbers of several rows.
type Concat struct{}

// Shape of channels one after the other.
func (o Concat) Shape(in ...[]int) ([]int, error) {
	if len(in) > 0 && len(in[0]) == 1 {
		numbers := 0
		for _, s := range in {
			if len(s) != 1 {
				return nil, errShapes(o, in)
			}
			numbers += s[0]
		}
		return []int{numbers}, nil
	}
	if len(in) == 0 || len(in[0]) != 3 {
		return nil, errShapes(o, in)
	}
	shape := []int{0, in[0][1], in[0][2]}
	for _, s := range in {
		if len(s) != 3 || s[1] != shape[1] || s[2] != shape[2] {
			return nil, errShapes(o, in)
		}
		shape[0] += s[0]
	}
	return shape, nil
}

// Rescale makes other channels of an image: number c is channel From[c] of it,
// times Factor[c], plus Shift[c].
type Rescale struct {
	From          []int
	Factor, Shift []float32
}

// Shape of an image with other channels.
func (o Rescale) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 3 || len(o.Factor) != len(o.From) || len(o.Shift) != len(o.From) {
		return nil, errShapes(o, in)
	}
	for _, from := range o.From {
		if from < 0 || from >= in[0][0] {
			return nil, errShapes(o, in)
		}
	}
	return []int{len(o.From), in[0][1], in[0][2]}, nil
}
