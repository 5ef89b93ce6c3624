package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

func TestConcat(t *testing.T) {
	for _, shape := range [][]int{{2, 2, 3, 5}, {1, 2, 1, 3}, {3, 4, 1, 2}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				y := b.BatchNorm(x, "bn")
				return b.Concat(y, b.ReLU(y), y)
			})
			l.check(t, func(in [][]float64) []float64 {
				mean, variance := plainStatistics(in[0], shape)
				y := plainBatchNorm(in[0], shape, mean, variance, in[1], in[2])
				size := network.Elements(shape[1:])
				var out []float64
				for i := range shape[0] {
					row := y[i*size : (i+1)*size]
					out = append(out, row...)
					for _, v := range row {
						out = append(out, max(v, 0))
					}
					out = append(out, row...)
				}
				return out
			})
		})
	}
}

func TestConcatOfRows(t *testing.T) {
	shape := []int{3, 2, 2, 2}
	l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
		y := b.BatchNorm(x, "bn")
		return b.Concat(b.GlobalAverage(y), b.GlobalAverage(b.GELU(y)))
	})
	l.check(t, func(in [][]float64) []float64 {
		mean, variance := plainStatistics(in[0], shape)
		y := plainBatchNorm(in[0], shape, mean, variance, in[1], in[2])
		var out []float64
		for i := range 3 {
			var sums [4]float64
			for k, v := range y[i*8 : (i+1)*8] {
				sums[k/4] += v / 4
				sums[2+k/4] += v * math.Erfc(-v/math.Sqrt2) / 8
			}
			out = append(out, sums[:]...)
		}
		return out
	})
}

// A value that is used many times gets the sum of the gradients, and the same
// bits from every graph.
func TestManyUses(t *testing.T) {
	shape := []int{2, 2, 2, 3}
	gradient := func() []float32 {
		l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
			x = b.BatchNorm(x, "bn")
			var all []network.Value
			for i := range 5 {
				all = append(all, b.Convolution(x, fmt.Sprint("conv", i), network.Convolution{Filters: 3, Size: 1, Stride: 1}))
			}
			return b.Concat(all...)
		})
		g := normals(rand.New(rand.NewPCG(5, 6)), 2*15*6)
		if err := l.graph.Step(func(dy, _ []float32) error { copy(dy, g); return nil }); err != nil {
			t.Fatal(err)
		}
		shift := make([]float32, 2)
		for i, v := range g { // of y, through the weights, to the shift
			filter := i / 6 % 15
			for c := range shift {
				shift[c] += v * l.all[5+filter/3].value[filter%3*2+c]
			}
		}
		if d := apart(l.all[2].grad, []float64{float64(shift[0]), float64(shift[1])}, norm(shift)); d > 1e-5 {
			t.Errorf("gradient %v, want %v", l.all[2].grad, shift)
		}
		return slices.Clone(l.all[0].grad)
	}
	first := gradient()
	for range 20 {
		if !sameBits(gradient(), first) {
			t.Fatal("other bits")
		}
	}
}
