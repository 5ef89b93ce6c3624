package backbone

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestWindowPool(t *testing.T) {
	for _, c := range []struct {
		shape             []int
		size, stride, pad int
	}{
		{[]int{2, 2, 6, 5}, 3, 2, 1}, {[]int{1, 1, 1, 1}, 3, 2, 1}, {[]int{1, 3, 4, 4}, 2, 2, 0},
		{[]int{2, 1, 5, 7}, 3, 1, 0}, {[]int{1, 1, 3, 8}, 3, 3, 1},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l := newLayerTest(t, spaced(elements(c.shape)), c.shape, true, func(*state) layer { return windowPool{c.size, c.stride, c.pad} })
			l.check(t, func(in [][]float64) []float64 {
				height, width := c.shape[2], c.shape[3]
				var out []float64
				for plane := range slices.Chunk(in[0], height*width) {
					for oy := -c.pad; oy+c.size <= height+c.pad; oy += c.stride {
						for ox := -c.pad; ox+c.size <= width+c.pad; ox += c.stride {
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

// Where the windows are 2×2 squares, the result is maxPool's, ties and all.
func TestWindowPoolEqualsMaxPool(t *testing.T) {
	shape := []int{2, 3, 4, 6}
	x := make([]float32, elements(shape))
	for i := range x {
		x[i] = float32(i * i % 3)
	}
	var grads [2][]float32
	for k, pool := range []layer{maxPool{}, windowPool{size: 2, stride: 2}} {
		l := newLayerTest(t, x, shape, true, func(*state) layer { return pool })
		err := l.graph.step(func(dy, _ []float32) error {
			for i := range dy {
				dy[i] = float32(i)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		grads[k] = l.state.all[0].grad
	}
	if !slices.Equal(grads[0], grads[1]) {
		t.Errorf("gradients %v and %v", grads[0], grads[1])
	}
}
