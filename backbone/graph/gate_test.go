package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestGate(t *testing.T) {
	for _, shape := range [][]int{{2, 3, 4, 5}, {1, 1, 1, 1}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				x = b.BatchNorm(x, "bn") // used twice
				return b.Apply(network.Gate{}, nil, x, b.GlobalAverage(x))
			})
			l.least = 1 // a lone number before a batch norm has no gradient but rounding
			l.check(t, func(in [][]float64) []float64 {
				mean, variance := plainStatistics(in[0], shape)
				y := plainBatchNorm(in[0], shape, mean, variance, in[1], in[2])
				plane := shape[2] * shape[3]
				means := make([]float64, len(y)/plane)
				for i, v := range y {
					means[i/plane] += v / float64(plane)
				}
				for i := range y {
					y[i] *= means[i/plane]
				}
				return y
			})
		})
	}
}

// Squeezing and exciting is what its parts are.
func TestSqueezeExcite(t *testing.T) {
	shape := []int{2, 4, 3, 2}
	l := newLayerTest(t, some(48), shape, true, func(b *network.Builder, x network.Value) network.Value {
		return b.SqueezeExcite(b.BatchNorm(x, "bn"), "se", 3)
	})
	y := l.output(t)
	in := l.float64s()
	mean, variance := plainStatistics(in[0], shape)
	x := plainBatchNorm(in[0], shape, mean, variance, in[1], in[2])
	var want []float64
	for i := range 2 {
		var hidden [3]float64
		for h := range hidden {
			hidden[h] = in[6][h]
			for k := range 24 {
				hidden[h] += in[5][h*4+k/6] * x[i*24+k] / 6
			}
			hidden[h] = max(hidden[h], 0)
		}
		for c := range 4 {
			s := in[8][c]
			for h, v := range hidden {
				s += in[7][c*3+h] * v
			}
			for k := range 6 {
				want = append(want, x[i*24+c*6+k]*min(max(s+3, 0), 6)/6)
			}
		}
	}
	if d := apart(y, want, norm(want)); !(d < outputTolerance) {
		t.Errorf("%g from the twin", d)
	}
}
