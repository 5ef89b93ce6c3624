package graph

import (
	"fmt"
	"math"
	"testing"

	"crossbatch/backbone/network"
)

func TestBatchNorm(t *testing.T) {
	for _, shape := range [][]int{{3, 2, 3, 5}, {1, 1, 2, 3}, {2, 3, 1, 4}, {9, 1, 1, 1}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.BatchNorm(x, "bn") })
			l.check(t, func(in [][]float64) []float64 {
				mean, variance := plainStatistics(in[0], shape)
				return plainBatchNorm(in[0], shape, mean, variance, in[1], in[2])
			})
		})
	}
}

// One training pass takes the running statistics a tenth of the way to the
// batch's, of which the variance is the unbiased one.
func TestBatchNormRunningStatistics(t *testing.T) {
	shape := []int{3, 2, 2, 2}
	l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.BatchNorm(x, "bn") })
	before := l.float64s()
	l.output(t)
	mean, variance := plainStatistics(before[0], shape)
	for c := range 2 {
		wantMean := 0.9*before[3][c] + 0.1*mean[c]
		wantVariance := 0.9*before[4][c] + 0.1*variance[c]*12/11
		gotMean, gotVariance := l.all[3].value[c], l.all[4].value[c]
		if math.Abs(float64(gotMean)-wantMean) > 1e-6 || math.Abs(float64(gotVariance)-wantVariance) > 1e-6 {
			t.Errorf("channel %d: %g %g, want %g %g", c, gotMean, gotVariance, wantMean, wantVariance)
		}
	}
}

// An embedding graph normalises by the running statistics and leaves them.
func TestBatchNormEmbeds(t *testing.T) {
	shape := []int{3, 2, 2, 3}
	l := newLayerTest(t, some(network.Elements(shape)), shape, false, func(b *network.Builder, x network.Value) network.Value { return b.BatchNorm(x, "bn") })
	before := l.float64s()
	if err := l.graph.Run(); err != nil {
		t.Fatal(err)
	}
	want := plainBatchNorm(before[0], shape, before[3], before[4], before[1], before[2])
	if d := apart(l.graph.Embeddings, want, norm(want)); !(d < outputTolerance) {
		t.Errorf("%g from the twin", d)
	}
	if fmt.Sprint(l.float64s()) != fmt.Sprint(before) {
		t.Error("embedding has changed the state")
	}
}

// plainStatistics returns each channel's mean and biased variance.
func plainStatistics(x []float64, shape []int) (mean, variance []float64) {
	mean, variance = make([]float64, shape[1]), make([]float64, shape[1])
	plane := shape[2] * shape[3]
	count := float64(shape[0] * plane)
	for i, v := range x {
		mean[i/plane%shape[1]] += v / count
	}
	for i, v := range x {
		c := i / plane % shape[1]
		variance[c] += (v - mean[c]) * (v - mean[c]) / count
	}
	return mean, variance
}

func plainBatchNorm(x []float64, shape []int, mean, variance, scale, shift []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		c := i / (shape[2] * shape[3]) % shape[1]
		out[i] = (v-mean[c])/math.Sqrt(variance[c]+1e-5)*scale[c] + shift[c]
	}
	return out
}
