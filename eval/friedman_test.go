package eval

import (
	"math"
	"testing"
)

// The wanted numbers are SciPy 1.10's: rankdata, friedmanchisquare with Iman and Davenport's
// correction, and studentized_range.
func TestCompareRanksAgainstSciPy(t *testing.T) {
	f, err := CompareRanks([][]float64{{60.1, 61.5, 58.2}, {55.0, 56.2, 54.9}, {62.3, 62.3, 61.0}, {58.8, 60.0, 59.5}, {57.0, 58.1, 55.2}})
	if err != nil {
		t.Fatal(err)
	}
	for m, want := range []float64{2.1, 1.1, 2.8} {
		if math.Abs(f.Ranks[m]-want) > 1e-12 {
			t.Errorf("ranks %v", f.Ranks)
		}
	}
	if math.Abs(f.P-0.0028760491401999813) > 1e-9 {
		t.Errorf("p is %g", f.P)
	}
	if want := 2.343701 * math.Sqrt(3*4/(6*5.)); math.Abs(f.Critical-want) > 1e-5 {
		t.Errorf("critical difference %g, want %g", f.Critical, want)
	}
	for k, want := range map[int]float64{2: 1.959964, 3: 2.343701, 4: 2.569032, 5: 2.727774, 10: 3.163684, 11: 3.218654, 30: 3.748578} {
		if got := nemenyi(k); math.Abs(got-want) > 1e-5 {
			t.Errorf("%d methods: %g, want %g", k, got, want)
		}
	}
}

// Demšar's example, section 3.2.2: four methods on 14 data sets.
func TestDemsarsExample(t *testing.T) {
	p := friedmanP([]float64{3.143, 2.000, 2.893, 1.964}, 14, 0)
	if p < 0.018 || p > 0.021 { // F is 3.69 with 3 and 39 degrees of freedom: 0.0197
		t.Errorf("p is %g", p)
	}
	if critical := nemenyi(4) * math.Sqrt(4*5/(6*14.)); math.Abs(critical-1.25) > 0.005 {
		t.Errorf("critical difference %g, there 1.25", critical)
	}
}

func TestCompareRanksOfWhatIsAlike(t *testing.T) {
	if f, err := CompareRanks([][]float64{{1, 1}, {2, 2}}); err != nil || f.P != 1 || f.Ranks[0] != 1.5 {
		t.Errorf("%+v (%v)", f, err)
	}
	if f, err := CompareRanks([][]float64{{1, 2}, {2, 3}, {0, 5}}); err != nil || f.P != 0 || f.Ranks[1] != 1 {
		t.Errorf("%+v (%v)", f, err)
	}
	for _, scores := range [][][]float64{nil, {{1, 2}}, {{1}, {2}}, {{1, 2}, {1}}, {{1, math.NaN()}, {1, 2}}} {
		if _, err := CompareRanks(scores); err == nil {
			t.Errorf("%v are ranked", scores)
		}
	}
}
