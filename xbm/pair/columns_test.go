package pair

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/kernel"
)

// weighted is the gradient of the twin in which each ∂L/∂S counts as often as its
// column's factor says: differences by each similarity alone, then the chain rule.
func (s sample) weighted(t twin, factors []float32) []float64 {
	const h = 1e-6
	v := s.view(wide(s.anchors), nil)
	grad := make([]float64, len(s.anchors))
	for i := range v.s {
		dUnit := make([]float64, s.dim)
		for j, old := range v.s[i] {
			v.s[i][j] = old + h
			up := t(v)
			v.s[i][j] = old - h
			w := (up - t(v)) / (2 * h)
			v.s[i][j] = old
			for k, x := range v.row(j) {
				dUnit[k] += float64(factors[j]) * w * x
			}
		}
		a := wide(s.anchors)[i*s.dim : (i+1)*s.dim]
		length, along := math.Sqrt(dot(a, a)), dot(dUnit, v.anchor(i))
		for k, x := range v.anchor(i) {
			grad[i*s.dim+k] = (dUnit[k] - along*x) / length
		}
	}
	return grad
}

// run is sample.run with something changed, by the short way or the plain one.
func (s sample) runWith(l Loss, plain bool, change func(*Side)) (Summary, []float32) {
	p, a := s.problem()
	change(&p.Columns)
	dUnit := make([]float32, len(s.anchors))
	summary := (&Engine{plain: plain}).Run(dUnit, p, l)
	dEmb := make([]float32, len(s.anchors))
	a.AddGradient(dEmb, 1, dUnit)
	return summary, dEmb
}

// Factors multiply ∂L/∂S of their column, and nothing else.
func TestFactorsMultiplyTheWeights(t *testing.T) {
	for name, c := range lossCases() {
		if OnlyWithinBatch(c.loss()) != nil {
			continue
		}
		for seed, shape := range []struct{ n, m, dim, classes int }{{7, 9, 5, 3}, {5, 40, 6, 12}} {
			rng := rand.New(rand.NewPCG(uint64(seed), 79))
			s := randomSample(rng, shape.n, shape.m, shape.dim, shape.classes)
			factors, others, both := make([]float32, shape.m), make([]float32, shape.m), make([]float32, shape.m)
			for j := range factors {
				factors[j], others[j] = rng.Float32(), 1
				both[j] = factors[j] + others[j]
			}
			for _, plain := range []bool{false, true} {
				with := func(f []float32) (Summary, []float32) {
					return s.runWith(c.loss(), plain, func(columns *Side) { columns.Factors = f })
				}
				summary, got := with(factors)
				without, none := with(nil)
				if summary != without {
					t.Errorf("%s: factors change %+v to %+v", name, without, summary)
				}
				// Some twins look at the rows where the loss has similarities.
				if !strings.HasPrefix(name, "angular") && !strings.HasPrefix(name, "snr") {
					if err := relative(got, s.weighted(c.twin, factors)); err > tolerance {
						t.Errorf("%s, plain %t: the gradient with factors is off the twin's by %g", name, plain, err)
					}
				}
				if _, ones := with(others); !slices.Equal(ones, none) {
					t.Errorf("%s, plain %t: factors of 1 change the gradient", name, plain)
				}
				_, sum := with(both)
				want := wide(got)
				for i, x := range none {
					want[i] += float64(x)
				}
				if err := relative(sum, want); err > 1e-5 {
					t.Errorf("%s, plain %t: the gradient is not linear in the factors: off by %g", name, plain, err)
				}
			}
		}
	}
}

// Past one tile and one part, the short way is the plain one with factors, too.
func TestFactorsOverManyTiles(t *testing.T) {
	for name, c := range lossCases() {
		if OnlyWithinBatch(c.loss()) != nil {
			continue
		}
		rng := rand.New(rand.NewPCG(5, 80))
		s := randomSample(rng, 40, 1300, 8, 60)
		factors := make([]float32, 1300)
		for j := range factors {
			factors[j] = rng.Float32()
		}
		change := func(columns *Side) { columns.Factors = factors }
		_, got := s.runWith(c.loss(), false, change)
		_, want := s.runWith(c.loss(), true, change)
		if err := relative(got, wide(want)); err > 2e-4 {
			t.Errorf("%s: off the plain way by %g", name, err)
		}
	}
}

// Columns with a scale and a shift are the unit rows that these stand for.
func TestAdjustedColumnsAreTheirRows(t *testing.T) {
	const n, m, dim = 20, 900, 12
	rng := rand.New(rand.NewPCG(4, 81))
	scale, shift := gauss(rng, dim), gauss(rng, dim)
	for k := range scale {
		scale[k] = 1 + 0.2*scale[k]
		shift[k] *= 0.1
	}
	for name, c := range lossCases() {
		if OnlyWithinBatch(c.loss()) != nil {
			continue
		}
		for _, plain := range []bool{false, true} {
			for _, isHalf := range []bool{false, true} {
				s := randomSample(rand.New(rand.NewPCG(4, 78)), n, m, dim, 40)
				adjusted := func(columns *Side) {
					if isHalf {
						columns.Halves = make([]uint16, m*dim)
						kernel.ToHalf(columns.Halves, columns.Rows)
						columns.Rows = nil
					}
					columns.Scale, columns.Shift = scale, shift
				}
				var rows []float32
				value, got := s.runWith(c.loss(), plain, func(columns *Side) {
					adjusted(columns)
					rows = columns.AppendRows(nil, dim)
				})
				reference, want := s.runWith(c.loss(), plain, func(columns *Side) { columns.Rows = rows })
				if !strings.HasPrefix(name, "lifted") && (value != reference || !slices.Equal(got, want)) {
					t.Errorf("%s, plain %t, of 16 bits %t: %+v, by rows %+v", name, plain, isHalf, value, reference)
				}
				// A row of the anchor itself is taken for the anchor where it is just that.
				if err := relative(got, wide(want)); err > tolerance {
					t.Errorf("%s, plain %t, of 16 bits %t: off by %g", name, plain, isHalf, err)
				}
			}
		}
	}
}

func TestAppendRows(t *testing.T) {
	side := Side{Rows: []float32{3, 0, 0, 5, 1, 1}, Labels: make([]int32, 3), Scale: []float32{2, 1}, Shift: []float32{0, -1}}
	// 6 -1; 0 4; 2 0.
	want := []float32{6 / float32(math.Sqrt(37)), -1 / float32(math.Sqrt(37)), 0, 1, 1, 0}
	got := side.AppendRows([]float32{7}, 2)
	if got[0] != 7 {
		t.Error("what was there is gone")
	}
	for i, x := range got[1:] {
		if math.Abs(float64(x-want[i])) > 1e-6 {
			t.Fatalf("%v, want %v", got[1:], want)
		}
	}
	// What comes to nothing has no direction.
	side = Side{Rows: []float32{1, 1}, Labels: make([]int32, 1), Scale: []float32{1, 1}, Shift: []float32{-1, -1}}
	if got := side.AppendRows(nil, 2); !slices.Equal(got, []float32{0, 0}) {
		t.Errorf("zeros are %v", got)
	}
}
