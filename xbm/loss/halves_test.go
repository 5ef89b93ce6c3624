package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/pair"
)

// Halves multiply ∂L/∂S of the positive and of the negative pairs, and nothing else: by
// the plain way and by the fast one.
func TestHalvesMultiplyTheWeights(t *testing.T) {
	for name, c := range lossCases() {
		if pair.TraitsOf(c.loss()).BatchOnly != nil {
			continue
		}
		shapes := []struct{ n, m, dim, classes int }{{7, 9, 5, 3}, {5, 40, 6, 12}, {40, 1300, 8, 60}}
		if testing.Short() {
			shapes = shapes[:1]
		}
		for seed, shape := range shapes {
			s := twin.Random(rand.New(rand.NewPCG(uint64(seed), 79)), shape.n, shape.m, shape.dim, shape.classes)
			for _, plain := range []bool{false, true} {
				with := func(h *pair.Halves) (pair.Summary, []float32) {
					p, a := s.Problem()
					p.Halves = h
					dUnit, dEmb := make([]float32, len(s.Anchors)), make([]float32, len(s.Anchors))
					summary := (&engine.Engine{Plain: plain}).Run(dUnit, p, c.loss())
					a.AddGradient(dEmb, 1, dUnit)
					return summary, dEmb
				}
				none, whole := with(nil)
				if summary, ones := with(&pair.Halves{Positive: 1, Negative: 1}); summary != none || !slices.Equal(ones, whole) {
					t.Errorf("%s, %+v, plain %t: halves of 1 make a difference", name, shape, plain)
				}
				_, positive := with(&pair.Halves{Positive: 1})
				_, negative := with(&pair.Halves{Negative: 1})
				summary, got := with(&pair.Halves{Positive: 3, Negative: 0.25})
				if summary != none {
					t.Errorf("%s, %+v, plain %t: halves change %+v to %+v", name, shape, plain, none, summary)
				}
				mixed, sum := make([]float64, len(got)), make([]float64, len(got))
				for i := range got {
					mixed[i] = 3*float64(positive[i]) + 0.25*float64(negative[i])
					sum[i] = float64(positive[i]) + float64(negative[i])
				}
				if err := math.Max(twin.Relative(got, mixed), twin.Relative(whole, sum)); err > twin.Tolerance {
					t.Errorf("%s, %+v, plain %t: the gradient is not that of the two halves: off by %g", name, shape, plain, err)
				}
				// Some twins look at the rows where the loss has similarities.
				if seed == 0 && !strings.HasPrefix(name, "angular") && !strings.HasPrefix(name, "snr") {
					want := throughPairs(s, c.twin, func(i, j int, v *twin.View) float64 {
						if v.Labels[i] == v.Columns[j] {
							return 3
						}
						return 0.25
					})
					if err := twin.Relative(got, want); err > twin.Tolerance {
						t.Errorf("%s, %+v, plain %t: off the twin's by %g", name, shape, plain, err)
					}
				}
			}
		}
	}
}
