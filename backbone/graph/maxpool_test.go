package graph

import (
	"fmt"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

func TestMaxPool(t *testing.T) {
	for _, shape := range [][]int{{2, 2, 4, 6}, {1, 1, 2, 2}, {1, 2, 5, 4}, {2, 1, 4, 5}, {1, 1, 3, 3}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, spaced(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.MaxPool(x, network.MaxPool{Size: 2, Stride: 2})
			})
			l.check(t, func(in [][]float64) []float64 {
				var out []float64
				for plane := range slices.Chunk(in[0], shape[2]*shape[3]) {
					for y := range shape[2] / 2 {
						for x := range shape[3] / 2 {
							top := plane[2*y*shape[3]+2*x:]
							out = append(out, max(top[0], top[1], top[shape[3]], top[shape[3]+1]))
						}
					}
				}
				return out
			})
		})
	}
}

// Of equal elements the first gets the gradient, and only that one.
func TestMaxPoolTies(t *testing.T) {
	for _, test := range []struct{ x, want []float32 }{
		{[]float32{1, 1, 1, 1}, []float32{5, 0, 0, 0}},
		{[]float32{0, 1, 1, 1}, []float32{0, 5, 0, 0}},
		{[]float32{0, 0, 1, 1}, []float32{0, 0, 5, 0}},
		{[]float32{-1, -2, -1, -2}, []float32{5, 0, 0, 0}},
	} {
		l := newLayerTest(t, test.x, []int{1, 1, 2, 2}, true, func(b *network.Builder, x network.Value) network.Value {
			return b.MaxPool(x, network.MaxPool{Size: 2, Stride: 2})
		})
		if err := l.graph.Step(func(dy, _ []float32) error { fill(dy, 5); return nil }); err != nil {
			t.Fatal(err)
		}
		if got := l.all[0].grad; !slices.Equal(got, test.want) {
			t.Errorf("%v: gradient %v, want %v", test.x, got, test.want)
		}
	}
}
