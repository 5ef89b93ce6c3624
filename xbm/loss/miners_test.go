package loss

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// exhaustive asks for the whole of every sweep (make exhaustive). By default what
// costs most, differences of float64 and large memories, is left to a part of the
// cases; no loss, miner or pattern is left out.
func exhaustive() bool { return os.Getenv("XBM_EXHAUSTIVE") != "" }

// minerTexts are all miners by their names, and those with other parameters that
// choose otherwise.
func minerTexts() []string {
	return append(miner.Names()[1:],
		"multi-similarity:distance=euclidean,epsilon=0.3",
		"pair-margin:pos_margin=1.2,neg_margin=1.3",
		"pair-margin:distance=cosine,neg_margin=0.1",
		"easy-hard:pos=semihard,neg=hard",
		"easy-hard:pos=semihard,neg=easy",
		"easy-hard:pos=hard,neg=semihard",
		"easy-hard:pos=easy,neg=easy",
		"easy-hard:pos=all,neg=hard",
		"easy-hard:pos=easy,neg=all",
		"easy-hard:pos=all,neg=all")
}

// fresh makes the miner of a text, each time with the same draws.
func fresh(t testing.TB, text string) func() pair.Miner {
	return func() pair.Miner {
		m, err := miner.Parse(text, false, rand.NewPCG(3, 4))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// Every loss sees of every miner what it chose, and nothing else, and follows its
// gradient.
func TestEveryLossWithEveryMiner(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{{9, -1, 5, 3}, {6, 25, 4, 3}}
	if testing.Short() {
		shapes = shapes[:1]
	}
	for _, text := range minerTexts() {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			for seed, shape := range shapes {
				s := twin.Random(rand.New(rand.NewPCG(uint64(seed), 5)), shape.n, shape.m, shape.dim, shape.classes)
				chosen := twin.Record(s, fresh(t, text))
				for name, c := range lossCases() {
					summary, grad := s.Run(&pair.Mined{Miner: fresh(t, text)(), Loss: c.loss()})
					want := s.Value(c.twin, chosen)
					if math.Abs(summary.Value-want) > twin.Tolerance*math.Max(math.Abs(want), 1e-4) {
						t.Errorf("%s, %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
					}
					if err := twin.Relative(grad, s.Gradient(c.twin, chosen)); err > twin.Tolerance {
						t.Errorf("%s, %+v: gradient is off the twin's by %g", name, shape, err)
					}
				}
			}
		})
	}
}
