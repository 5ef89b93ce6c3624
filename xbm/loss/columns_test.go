package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// weighted is the gradient of the twin in which each ∂L/∂S counts as often as its
// column's factor says.
func weighted(s twin.Sample, t twin.Loss, factors []float32) []float64 {
	return throughPairs(s, t, func(_, j int, _ *twin.View) float64 { return float64(factors[j]) })
}

// throughPairs is the gradient of the twin in which the ∂L/∂S of each pair has a factor:
// differences by each similarity alone, then the chain rule.
func throughPairs(s twin.Sample, t twin.Loss, factor func(i, j int, v *twin.View) float64) []float64 {
	const h = 1e-6
	v := s.View(twin.Wide(s.Anchors), nil)
	grad := make([]float64, len(s.Anchors))
	for i := range v.S {
		dUnit := make([]float64, s.Dim)
		for j, old := range v.S[i] {
			v.S[i][j] = old + h
			up := t(v)
			v.S[i][j] = old - h
			w := (up - t(v)) / (2 * h)
			v.S[i][j] = old
			for k, x := range v.Row(j) {
				dUnit[k] += factor(i, j, v) * w * x
			}
		}
		a := twin.Wide(s.Anchors)[i*s.Dim : (i+1)*s.Dim]
		length, along := math.Sqrt(twin.Dot(a, a)), twin.Dot(dUnit, v.Anchor(i))
		for k, x := range v.Anchor(i) {
			grad[i*s.Dim+k] = (dUnit[k] - along*x) / length
		}
	}
	return grad
}

// Factors multiply ∂L/∂S of their column, and nothing else.
func TestFactorsMultiplyTheWeights(t *testing.T) {
	for name, c := range lossCases() {
		if pair.TraitsOf(c.loss()).BatchOnly != nil {
			continue
		}
		for seed, shape := range []struct{ n, m, dim, classes int }{{7, 9, 5, 3}, {5, 40, 6, 12}} {
			rng := rand.New(rand.NewPCG(uint64(seed), 79))
			s := twin.Random(rng, shape.n, shape.m, shape.dim, shape.classes)
			factors, others, both := make([]float32, shape.m), make([]float32, shape.m), make([]float32, shape.m)
			for j := range factors {
				factors[j], others[j] = rng.Float32(), 1
				both[j] = factors[j] + others[j]
			}
			for _, plain := range []bool{false, true} {
				with := func(f []float32) (pair.Summary, []float32) {
					return s.RunWith(c.loss(), plain, func(columns *pair.Side) { columns.Factors = f })
				}
				summary, got := with(factors)
				without, none := with(nil)
				if summary != without {
					t.Errorf("%s: factors change %+v to %+v", name, without, summary)
				}
				// Some twins look at the rows where the loss has similarities.
				if !strings.HasPrefix(name, "angular") && !strings.HasPrefix(name, "snr") {
					if err := twin.Relative(got, weighted(s, c.twin, factors)); err > twin.Tolerance {
						t.Errorf("%s, plain %t: the gradient with factors is off the twin's by %g", name, plain, err)
					}
				}
				if _, ones := with(others); !slices.Equal(ones, none) {
					t.Errorf("%s, plain %t: factors of 1 change the gradient", name, plain)
				}
				_, sum := with(both)
				want := twin.Wide(got)
				for i, x := range none {
					want[i] += float64(x)
				}
				if err := twin.Relative(sum, want); err > 1e-5 {
					t.Errorf("%s, plain %t: the gradient is not linear in the factors: off by %g", name, plain, err)
				}
			}
		}
	}
}

// Past one tile and one part, the short way is the plain one with factors, too.
func TestFactorsOverManyTiles(t *testing.T) {
	for name, c := range lossCases() {
		if pair.TraitsOf(c.loss()).BatchOnly != nil {
			continue
		}
		rng := rand.New(rand.NewPCG(5, 80))
		s := twin.Random(rng, 40, 1300, 8, 60)
		factors := make([]float32, 1300)
		for j := range factors {
			factors[j] = rng.Float32()
		}
		change := func(columns *pair.Side) { columns.Factors = factors }
		_, got := s.RunWith(c.loss(), false, change)
		_, want := s.RunWith(c.loss(), true, change)
		if err := twin.Relative(got, twin.Wide(want)); err > 2e-4 {
			t.Errorf("%s: off the plain way by %g", name, err)
		}
	}
}

// Columns with a scale and a shift are the unit rows that these stand for.
func TestAdjustedColumnsAreTheirRows(t *testing.T) {
	const n, m, dim = 20, 900, 12
	rng := rand.New(rand.NewPCG(4, 81))
	scale, shift := twin.Gauss(rng, dim), twin.Gauss(rng, dim)
	for k := range scale {
		scale[k] = 1 + 0.2*scale[k]
		shift[k] *= 0.1
	}
	for name, c := range lossCases() {
		if pair.TraitsOf(c.loss()).BatchOnly != nil {
			continue
		}
		for _, plain := range []bool{false, true} {
			for _, isHalf := range []bool{false, true} {
				s := twin.Random(rand.New(rand.NewPCG(4, 78)), n, m, dim, 40)
				adjusted := func(columns *pair.Side) {
					if isHalf {
						columns.Halves = make([]uint16, m*dim)
						kernel.ToHalf(columns.Halves, columns.Rows)
						columns.Rows = nil
					}
					columns.Scale, columns.Shift = scale, shift
				}
				var rows []float32
				value, got := s.RunWith(c.loss(), plain, func(columns *pair.Side) {
					adjusted(columns)
					rows = columns.AppendRows(nil, dim)
				})
				reference, want := s.RunWith(c.loss(), plain, func(columns *pair.Side) { columns.Rows = rows })
				if !strings.HasPrefix(name, "lifted") && (value != reference || !slices.Equal(got, want)) {
					t.Errorf("%s, plain %t, of 16 bits %t: %+v, by rows %+v", name, plain, isHalf, value, reference)
				}
				// A row of the anchor itself is taken for the anchor where it is just that.
				if err := twin.Relative(got, twin.Wide(want)); err > twin.Tolerance {
					t.Errorf("%s, plain %t, of 16 bits %t: off by %g", name, plain, isHalf, err)
				}
			}
		}
	}
}
