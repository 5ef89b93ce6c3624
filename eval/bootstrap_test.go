package eval

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// The bounds of a share are those of a binomial share, and the same on any number
// of threads.
func TestBootstrap(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const n = 900
	x, labels := make([]float32, n*3), make([]int32, n)
	for i := range labels {
		labels[i] = int32(i % 60)
		for k := range 3 {
			x[i*3+k] = float32(rng.NormFloat64()) + 0.4*float32(labels[i])
		}
	}
	r := Retrieval{Dim: 3, Queries: x, QueryLabels: labels, Ranks: []int{1, 5}, Full: true, Resamples: 1000, Seed: 7}
	s, err := r.Score()
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range s.Recall {
		deviation := math.Sqrt(k.Share * (1 - k.Share) / n)
		low, high := s.Bootstrap.Low.Recall[i].Share, s.Bootstrap.High.Recall[i].Share
		if math.Abs(k.Share-1.96*deviation-low) > 0.3*deviation || math.Abs(k.Share+1.96*deviation-high) > 0.3*deviation {
			t.Errorf("recall@%d %.3f within %.3f to %.3f, deviation %.3f", k.K, k.Share, low, high, deviation)
		}
	}
	if low, high := s.Bootstrap.Low, s.Bootstrap.High; !(low.MAPAtR < s.MAPAtR && s.MAPAtR < high.MAPAtR && *low.MRR < *s.MRR && *s.MAP < *high.MAP) {
		t.Errorf("%+v", s)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again, err := r.Score()
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("other bounds on one thread: %v", err)
	}
}

// The bounds are percentiles of the means over the same draws.
func TestBootstrapEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 1))
	x, labels := blobs(rng, 12, 5, 3, 1)
	const draws = 200
	s, err := Retrieval{Dim: 3, Queries: x, QueryLabels: labels, Ranks: []int{1}, Resamples: draws, Seed: 8}.Score()
	if err != nil {
		t.Fatal(err)
	}
	var right []float64
	for q, ranked := range naive(x, 3) {
		right = append(right, 0)
		if labels[ranked[0]] == labels[q] {
			right[q] = 1
		}
	}
	means := make([]float64, draws)
	for i := range means {
		rng := rand.New(rand.NewPCG(8, uint64(i)))
		for range right {
			means[i] += right[rng.IntN(len(right))] / float64(len(right))
		}
	}
	slices.Sort(means)
	// Of 200, the 2.5th percentile lies between the 5th and 6th, at 4.975.
	low := means[4] + 0.975*(means[5]-means[4])
	high := means[194] + 0.025*(means[195]-means[194])
	if got := s.Bootstrap; math.Abs(got.Low.Recall[0].Share-low) > 1e-9 || math.Abs(got.High.Recall[0].Share-high) > 1e-9 {
		t.Errorf("%g to %g, want %g to %g", got.Low.Recall[0].Share, got.High.Recall[0].Share, low, high)
	}
}

func TestPercentile(t *testing.T) {
	for _, c := range []struct {
		sorted      []float64
		share, want float64
	}{
		{[]float64{5}, 0.975, 5}, {[]float64{1, 3}, 0, 1}, {[]float64{1, 3}, 0.25, 1.5}, {[]float64{1, 3}, 1, 3},
		{[]float64{1, 3, 9}, 0.5, 3}, {[]float64{1, 3, 9}, 0.75, 6},
	} {
		if got := percentile(c.sorted, c.share); got != c.want {
			t.Errorf("%g of %v is %g, want %g", c.share, c.sorted, got, c.want)
		}
	}
}
