package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// nearly makes some columns near duplicates of anchors, of their class and of others:
// their distance takes the rows, which may be with another rank.
func nearly(rng *rand.Rand, s twin.Sample) twin.Sample {
	n, m := len(s.Labels), len(s.ColumnLabels)
	for range min(m/4, 2*n) {
		i, j := rng.IntN(n), rng.IntN(m)
		for k, x := range s.Anchors[i*s.Dim : (i+1)*s.Dim] {
			s.Columns[j*s.Dim+k] = x + float32(rng.NormFloat64()*1e-2)
		}
		if rng.IntN(2) == 0 {
			s.ColumnLabels[j] = s.Labels[i]
		}
	}
	return s
}

// Columns that are shared out to ranks are the columns that one process has, but for
// rounding, for every loss and miner that CheckRanks takes: values, counts, gradient, and
// what is inspected. All ranks get the same bytes.
func TestSharedOutEqualsWhole(t *testing.T) {
	shapes := []struct{ n, m, dim, classes, size int }{
		{6, 5, 3, 2, 4}, {70, 1500, 16, 20, 2}, {33, 2333, 8, 30, 3}, {9, 1, 4, 2, 2},
	}
	taken := map[string]bool{}
	for _, text := range append(minerTexts(), "none") {
		for name, c := range lossCases() {
			mined := func() pair.Loss {
				if text == "none" {
					return c.loss()
				}
				return &pair.Mined{Miner: fresh(t, text)(), Loss: c.loss()}
			}
			if pair.CheckRanks(mined()) != nil {
				continue
			}
			taken[text], taken[name] = true, true
			if few := []string{"contrastive-euclidean", "triplet-cosine", "multi-similarity"}; text != "none" && !exhaustive() && !slices.Contains(few, name) {
				continue
			}
			for seed, shape := range shapes {
				if testing.Short() && seed > 0 && text == "none" || seed != 1 && text != "none" && !exhaustive() {
					continue
				}
				rng := rand.New(rand.NewPCG(uint64(seed), 78))
				s := nearly(rng, twin.Random(rng, shape.n, shape.m, shape.dim, shape.classes))
				sameSharedAndWhole(t, fmt.Sprintf("%s, %s, %+v", name, text, shape), s, shape.size, mined)
			}
		}
	}
	for _, must := range []string{"contrastive-cosine", "contrastive-euclidean", "multi-similarity", "nt-xent", "supcon", "margin", "nca", "triplet-euclidean", "triplet-cosine", "generalized-lifted", "circle", "batch-hard"} {
		if !taken[must] {
			t.Errorf("%s is not shared out", must)
		}
	}
}

func sameSharedAndWhole(t *testing.T, at string, s twin.Sample, size int, loss func() pair.Loss) {
	t.Helper()
	p, _ := s.Problem()
	for j := range p.Columns.Labels {
		p.Columns.Births = append(p.Columns.Births, int64(j%7))
		p.Columns.Factors = append(p.Columns.Factors, 1/float32(1+j%3))
	}
	p.Step, p.Halves = 7, &pair.Halves{Positive: 1, Negative: 0.5}
	want, weights := make([]float32, len(s.Anchors)), &pair.Inspection{}
	whole := (&engine.Engine{}).Run(want, p, loss())
	(&engine.Engine{Inspect: weights}).Run(make([]float32, len(want)), p, loss())

	type result struct {
		summary pair.Summary
		dst     []float32
		weights pair.Weights
	}
	got := make([]result, size)
	twin.OnRanks(size, p, func(rank int, p *pair.Problem) {
		r, e, seen := &got[rank], engine.Engine{}, &pair.Inspection{}
		r.dst = make([]float32, len(want))
		var err error
		for _, e.Inspect = range []*pair.Inspection{nil, seen} {
			if r.summary, err = e.RunShared(r.dst, p, loss()); err != nil {
				t.Error(err)
			}
		}
		r.weights = seen.Weights()
	})
	for rank := range got {
		if got[rank].summary != got[0].summary || !slices.Equal(got[rank].dst, got[0].dst) {
			t.Errorf("%s: rank %d has another result than rank 0", at, rank)
		}
	}
	one := got[0]
	if math.Abs(one.summary.Value-whole.Value) > 2e-6*math.Max(math.Abs(whole.Value), 1e-3) {
		t.Errorf("%s: value %.9g, whole %.9g", at, one.summary.Value, whole.Value)
	}
	one.summary.Value, whole.Value = 0, 0
	if one.summary != whole {
		t.Errorf("%s: %+v, whole %+v", at, one.summary, whole)
	}
	if err := twin.Relative(one.dst, twin.Wide(want)); err > 1e-5 {
		t.Errorf("%s: gradient is off the whole one by %g", at, err)
	}
	w := weights.Weights()
	if math.Abs(one.weights.EffectiveNegatives-w.EffectiveNegatives) > 1e-3*w.EffectiveNegatives || math.Abs(one.weights.Old-w.Old) > 1e-3 {
		t.Errorf("%s: inspected %g effective, %g old; whole %g, %g", at, one.weights.EffectiveNegatives, one.weights.Old, w.EffectiveNegatives, w.Old)
	}
}

// Rows in 16 bits are shared out, too.
func TestHalvesAreSharedOut(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(3, 78)), 20, 900, 16, 9)
	p, _ := s.Problem()
	p.Columns.Halves = make([]uint16, len(p.Columns.Rows))
	kernel.ToHalf(p.Columns.Halves, p.Columns.Rows)
	p.Columns.Rows = nil
	want := make([]float32, len(s.Anchors))
	whole := (&engine.Engine{}).Run(want, p, NewMultiSimilarity())
	twin.OnRanks(3, p, func(_ int, p *pair.Problem) {
		got := make([]float32, len(want))
		summary, err := (&engine.Engine{}).RunShared(got, p, NewMultiSimilarity())
		if err != nil || math.Abs(summary.Value-whole.Value) > 1e-6*whole.Value || twin.Relative(got, twin.Wide(want)) > 1e-5 {
			t.Errorf("value %g, whole %g: %v", summary.Value, whole.Value, err)
		}
	})
}
