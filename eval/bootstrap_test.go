package eval

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
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
