package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

func TestNormalize(t *testing.T) {
	for _, shape := range [][]int{{3, 5}, {1, 4}, {2, 2}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			x := some(network.Elements(shape))
			for i := range x {
				x[i] *= 3 // rows not too short for the step of finite differences
			}
			l := newLayerTest(t, x, shape, true, func(b *network.Builder, x network.Value) network.Value { return b.Normalize(x) })
			l.check(t, func(in [][]float64) []float64 {
				var out []float64
				for row := range slices.Chunk(in[0], shape[1]) {
					var square float64
					for _, v := range row {
						square += v * v
					}
					for _, v := range row {
						out = append(out, v/math.Sqrt(square))
					}
				}
				return out
			})
		})
	}
}

func TestNormalizeRowOfZeros(t *testing.T) {
	l := newLayerTest(t, []float32{1, 2, 3, 4}, []int{2, 2}, true, func(b *network.Builder, x network.Value) network.Value { return b.Normalize(x) })
	l.output(t) // a run that must leave nothing behind
	clear(l.all[0].value[:2])
	if err := l.graph.Step(func(dy, y []float32) error {
		if !slices.Equal(y, []float32{0, 0, 0.6, 0.8}) {
			t.Errorf("output %v", y)
		}
		fill(dy, 1)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := l.all[0].grad; got[0] != 0 || got[1] != 0 || got[2] == 0 {
		t.Errorf("gradient %v: want none for the zeros", got)
	}
}
