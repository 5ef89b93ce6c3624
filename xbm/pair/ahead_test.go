package pair

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/kernel"
)

// The short way, over tiles and parts, comes to the same as the plain one, but
// for the rounding of similarities, which the sharpest losses take a hundredfold.
func TestAheadEqualsPlain(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{
		{5, 1, 3, 2}, {70, 1500, 16, 60}, {130, 900, 33, 5}, {40, 7000, 8, 30}, {3, 385, 4, 2},
	}
	miners := map[string]func() Miner{"none": func() Miner { return nil }}
	for name, c := range minerCases() {
		miners[name] = c.miner
	}
	short := map[string]bool{}
	for minerName, miner := range miners {
		for name, c := range lossCases() {
			for seed, shape := range shapes {
				if seed > 1 && (testing.Short() || minerName != "none" && minerName != "multi-similarity" && minerName != "batch-hard") {
					continue
				}
				loss := func() Loss {
					if m := miner(); m != nil {
						return &Mined{Miner: m, Loss: c.loss()}
					}
					return c.loss()
				}
				if _, ok := c.loss().(aheadLoss); !ok && seed > 0 {
					continue
				}
				s := randomSample(rand.New(rand.NewPCG(uint64(seed), 77)), shape.n, shape.m, shape.dim, shape.classes)
				p, _ := s.problem()
				got, want := make([]float32, len(s.anchors)), make([]float32, len(s.anchors))
				var engine Engine
				summary := engine.Run(got, p, loss())
				if engine.gathered != nil {
					short[name+" with "+minerName] = true
				}
				plain := (&Engine{plain: true}).Run(want, p, loss())
				at := fmt.Sprintf("%s with %s, %+v", name, minerName, shape)
				if math.Abs(summary.Value-plain.Value) > 5e-5*math.Max(math.Abs(plain.Value), 1e-4) {
					t.Errorf("%s: value %g, plainly %g", at, summary.Value, plain.Value)
				}
				summary.Value, plain.Value = 0, 0
				if summary != plain && minerName == "none" {
					t.Errorf("%s: %+v, plainly %+v", at, summary, plain)
				}
				wide := make([]float64, len(want))
				for i, x := range want {
					wide[i] = float64(x)
				}
				if err := relative(got, wide); err > 2e-4 {
					t.Errorf("%s: gradient is off the plain one by %g", at, err)
				}
			}
		}
	}
	for _, name := range []string{
		"contrastive-cosine with none", "multi-similarity with none", "multi-similarity with multi-similarity",
		"nt-xent with none", "supcon with none", "triplet-euclidean with batch-hard", "triplet-cosine with none",
		"lifted with none", "generalized-lifted with none", "margin with none", "angular with batch-hard",
	} {
		if !short[name] {
			t.Errorf("%s takes no short way", name)
		}
	}
}

// Too many positives leave the plain way, with the same result.
func TestTooManyPositives(t *testing.T) {
	const n, m, dim = 4, mostGathered/4 + 500, 2
	s := randomSample(rand.New(rand.NewPCG(3, 3)), n, m, dim, 1)
	s.columnLabels[7] = 1
	p, _ := s.problem()
	got, want := make([]float32, n*dim), make([]float32, n*dim)
	value := (&Engine{}).Run(got, p, NewMultiSimilarity())
	plain := (&Engine{plain: true}).Run(want, p, NewMultiSimilarity())
	if value != plain || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v %v, plainly %+v %v", value, got, plain, want)
	}
}

// Columns in 16 bits are the columns that these stand for.
func TestHalvesAreTheirRows(t *testing.T) {
	for _, isPlain := range []bool{false, true} {
		for name, c := range lossCases() {
			if OnlyWithinBatch(c.loss()) != nil {
				continue
			}
			s := randomSample(rand.New(rand.NewPCG(4, 78)), 20, 900, 12, 40)
			p, _ := s.problem()
			halves := make([]uint16, len(p.Columns.Rows))
			kernel.ToHalf(halves, p.Columns.Rows)
			kernel.FromHalf(p.Columns.Rows, halves)
			want, got := make([]float32, len(s.anchors)), make([]float32, len(s.anchors))
			value := (&Engine{plain: isPlain}).Run(want, p, c.loss())
			p.Columns.Rows, p.Columns.Halves = nil, halves
			if half := (&Engine{plain: isPlain}).Run(got, p, c.loss()); half != value || !slices.Equal(got, want) {
				t.Errorf("%s, plain %t: %+v, by rows %+v", name, isPlain, half, value)
			}
		}
	}
}
