package eval

import (
	"slices"
	"testing"
)

// A zero row, wherever it is, is as far from one direction as from another.
func TestCosineRows(t *testing.T) {
	for _, c := range []struct {
		parts, want [][]float32
	}{
		{[][]float32{{0, 2, 3, 0}}, [][]float32{{0, 1, 1, 0}}},
		{[][]float32{{0, 2, 0, 0}}, [][]float32{{0, 1, 0, 0, 0, 1}}},
		{[][]float32{{0, 0, 0, 2}}, [][]float32{{0, 0, 1, 0, 1, 0}}},
		{[][]float32{{0, 2}, {5, 0, 0, 0}}, [][]float32{{0, 1, 0}, {1, 0, 0, 0, 0, 1}}},
	} {
		got, dim := Cosine.Rows(2, c.parts...)
		if dim != len(c.want[0])/(len(c.parts[0])/2) || !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%v are %v of %d numbers, want %v", c.parts, got, dim, c.want)
		}
	}
}
