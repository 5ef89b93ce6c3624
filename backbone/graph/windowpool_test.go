package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

func TestWindowPool(t *testing.T) {
	for _, c := range []struct {
		shape             []int
		size, stride, pad int
		ceil              bool
	}{
		{[]int{2, 2, 6, 5}, 3, 2, 1, false}, {[]int{1, 1, 1, 1}, 3, 2, 1, false}, {[]int{1, 3, 4, 4}, 2, 2, 0, false},
		{[]int{2, 1, 5, 7}, 3, 1, 0, false}, {[]int{1, 1, 3, 8}, 3, 3, 1, false},
		{[]int{2, 2, 6, 5}, 3, 2, 0, true}, {[]int{1, 1, 7, 4}, 3, 2, 1, true}, {[]int{1, 2, 5, 4}, 2, 2, 0, true},
		{[]int{2, 1, 2, 2}, 3, 2, 0, true}, {[]int{1, 1, 5, 5}, 2, 4, 1, true},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l := newLayerTest(t, spaced(network.Elements(c.shape)), c.shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.MaxPool(x, network.MaxPool{Size: c.size, Stride: c.stride, Pad: c.pad, Ceil: c.ceil})
			})
			l.check(t, func(in [][]float64) []float64 {
				height, width := c.shape[2], c.shape[3]
				var out []float64
				for plane := range slices.Chunk(in[0], height*width) {
					// With ceil windows may end outside, but not begin there.
					goesOn := func(at, side int) bool {
						return at+c.size <= side+c.pad || c.ceil && at < side && at-c.stride+c.size < side+c.pad
					}
					for oy := -c.pad; goesOn(oy, height); oy += c.stride {
						for ox := -c.pad; goesOn(ox, width); ox += c.stride {
							most := math.Inf(-1)
							for y := max(0, oy); y < min(height, oy+c.size); y++ {
								for x := max(0, ox); x < min(width, ox+c.size); x++ {
									most = max(most, plane[y*width+x])
								}
							}
							out = append(out, most)
						}
					}
				}
				return out
			})
		})
	}
}
