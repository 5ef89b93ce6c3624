package network

import (
	"fmt"
	"slices"
)

// same is the shape of all of the inputs, of which there are as many as arity
// says.
func same(op Op, in [][]int, arity int) ([]int, error) {
	if len(in) != arity || slices.ContainsFunc(in, func(s []int) bool { return !slices.Equal(s, in[0]) }) {
		return nil, errShapes(op, in)
	}
	return in[0], nil
}

// channels is the shape of what leaves one number of each channel.
func channels(op Op, in [][]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 3 {
		return nil, errShapes(op, in)
	}
	return in[0][:1], nil
}

func errShapes(op Op, in [][]int) error { return fmt.Errorf("%+v does not take inputs of %v", op, in) }
