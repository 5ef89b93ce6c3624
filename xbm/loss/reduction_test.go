package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// terms are what a twin adds up, by side: where there are two, each is reduced alone.
type terms struct {
	sum, active, all [2]float64
	anchors          int
}

// add takes in a term, which counts as 0 unless it is active.
func (t *terms) add(side int, x float64, active bool) {
	t.all[side]++
	if active {
		t.sum[side] += x
		t.active[side]++
	}
}

// twinTerms is a loss as a plain loop over its terms, in float64.
type twinTerms func(v *twin.View, t *terms)

// by is the twin of a reduction.
func (f twinTerms) by(r Reduction) twin.Loss {
	return func(v *twin.View) (value float64) {
		t := terms{anchors: len(v.S)}
		f(v, &t)
		for side := range t.sum {
			if t.all[side] == 0 {
				continue
			}
			n := map[Reduction]float64{OverActive: t.active[side], OverAnchors: float64(t.anchors), OverPairs: t.all[side], Sum: 1}[r]
			value += t.sum[side] / math.Max(1, n)
		}
		return value
	}
}

// reducible are losses that have a reduction, one of each, with their twins.
func reducible() map[string]twinTerms {
	return map[string]twinTerms{
		"contrastive": contrastiveTwin(false, 1, 0.5), "contrastive:distance=euclidean": contrastiveTwin(true, 0, 1),
		"multi-similarity": multiSimilarityTwin(2, 50, 0.5), "nt-xent": ntxentTwin(0.07), "supcon": supconTwin(0.1),
		"margin": marginTwin(0.2, 1.2), "intra-pair-variance": intraPairTwin(0.01, 0.01), "tuplet-margin": tupletMarginTwin(5.73, 64),
		"nca": ncaTwin(1, false), "generalized-lifted": generalizedLiftedTwin(0, 1), "circle": circleTwin(0.4, 80), "lifted": liftedTwin(0, 1),
		"triplet":                 tripletTwin(Triplet{Euclidean: true, Margin: 0.05}),
		"triplet:smooth=true":     tripletTwin(Triplet{Euclidean: true, Margin: 0.05, Smooth: true}),
		"triplet:swap=true":       tripletTwin(Triplet{Euclidean: true, Margin: 0.05, Swap: true}),
		"triplet:distance=cosine": tripletTwin(Triplet{Margin: 0.1}),
		"snr-contrastive":         snrTwin(0, 1), "angular": angularTwin(40, false), "n-pairs": npairsTwin, "fast-ap": fastAPTwin(10), "smooth-ap": smoothAPTwin(0.3),
	}
}

func reduced(t testing.TB, text string, r Reduction) pair.Loss {
	t.Helper()
	separator := ":"
	if strings.Contains(text, ":") {
		separator = ","
	}
	text += separator + "reduction=" + string(r)
	if strings.HasPrefix(text, "smooth-ap") {
		text += ",temperature=0.3"
	}
	l, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// With each reduction the value is that of a plain loop over all terms, and the
// gradient that of its differences: of all pairs, and of those that miners choose, some
// of them several times.
func TestReductionsEqualTheirTwins(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{{9, -1, 5, 3}, {7, 25, 4, 3}, {4, 0, 3, 2}}
	for text, tw := range reducible() {
		for _, r := range Reductions() {
			for i, shape := range shapes {
				if strings.Contains(text, "swap") && i > 0 {
					continue
				}
				s := twin.Random(rand.New(rand.NewPCG(uint64(i), 8)), shape.n, shape.m, shape.dim, shape.classes)
				for _, mining := range []string{"none", "triplet-semihard", "pair-margin:pos_margin=0.9,neg_margin=1.3"} {
					var chosen *twin.Selection
					l := reduced(t, text, r)
					if mining != "none" {
						chosen = twin.Record(s, fresh(t, mining))
						l = &pair.Mined{Miner: fresh(t, mining)(), Loss: l}
					}
					at := fmt.Sprintf("%s, %s, %s, %+v", text, r, mining, shape)
					summary, grad := s.Run(l)
					if want := s.Value(tw.by(r), chosen); math.Abs(summary.Value-want) > twin.Tolerance*math.Max(math.Abs(want), 1e-4) {
						t.Errorf("%s: value %g, the twin's is %g", at, summary.Value, want)
					}
					if err := twin.Relative(grad, s.Gradient(tw.by(r), chosen)); err > twin.Tolerance {
						t.Errorf("%s: gradient is off the twin's by %g", at, err)
					}
				}
			}
		}
	}
}

// The fast way of each reduction comes to the same as the plain one, over several tiles
// and parts.
func TestFastReductionsEqualPlainOnes(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(2, 77)), 40, 1900, 16, 50)
	for text := range reducible() {
		if _, ok := reduced(t, text, Sum).(pair.Fast); !ok || strings.Contains(text, "swap") {
			continue
		}
		for _, r := range Reductions() {
			for _, mining := range []string{"none", "multi-similarity", "batch-hard"} {
				mined := func() pair.Loss {
					l := reduced(t, text, r)
					if mining == "none" {
						return l
					}
					return &pair.Mined{Miner: fresh(t, mining)(), Loss: l}
				}
				sameFastAndPlain(t, fmt.Sprintf("%s, %s, %s", text, r, mining), s, mined(), mined(), mining == "none")
			}
		}
	}
}

// Reductions differ by nothing but a factor, of each side where there are two.
func TestReductionsAreMultiples(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(3, 9)), 20, 300, 8, 5)
	value := func(r Reduction) float64 {
		summary, _ := s.Run(reduced(t, "multi-similarity", r))
		return summary.Value
	}
	if sum, mean := value(Sum), value(OverAnchors); math.Abs(sum-20*mean) > 1e-9*sum {
		t.Errorf("the sum over 20 anchors is %g, their mean %g", sum, mean)
	}
	// A sum grows with the memory; a mean of active pairs does not.
	grown := func(r Reduction) float64 {
		of := func(copies int) float64 {
			s := twin.Random(rand.New(rand.NewPCG(3, 9)), 20, 300, 8, 5)
			for i := range s.Own {
				s.Own[i] = -1
			}
			s.Columns, s.ColumnLabels, s.ColumnIDs = slices.Repeat(s.Columns, copies), slices.Repeat(s.ColumnLabels, copies), slices.Repeat(s.ColumnIDs, copies)
			summary, _ := s.Run(reduced(t, "contrastive", r))
			return summary.Value
		}
		return of(3) / of(1)
	}
	for r, want := range map[Reduction]float64{OverActive: 1, OverPairs: 1, OverAnchors: 3, Sum: 3} {
		if got := grown(r); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: against the same columns three times the value is %g times as large, want %g", r, got, want)
		}
	}
}

func TestReduce(t *testing.T) {
	for _, name := range slices.Concat(Names(), ClassNames()) {
		l, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		has := !strings.HasPrefix(name, "histogram") && !strings.HasPrefix(name, "proxy-anchor")
		if got := Reduce(l, Sum); got != has {
			t.Errorf("%s has a reduction: %t, want %t", name, got, has)
		}
	}
	usual := &Contrastive{}
	if Reduce(usual, Sum); usual.Reduction != Sum {
		t.Errorf("%q, want the sum", usual.Reduction)
	}
	if Reduce(usual, OverPairs); usual.Reduction != Sum {
		t.Errorf("%q: what was chosen has been changed", usual.Reduction)
	}
	for text, want := range map[string]string{
		"contrastive:reduction=mean": `loss "contrastive:reduction=mean": reduction is "mean": give one of active, anchors, pairs, sum`,
		"n-pairs:x=1":                `loss "n-pairs:x=1": there is no parameter x: known are reduction`,
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := (&Contrastive{PosMargin: 1, Reduction: "x"}).Validate(); err == nil || !strings.Contains(err.Error(), `reduction is "x": give one of`) {
		t.Errorf("%v", err)
	}
}

// The reductions of losses with class weights: of a batch, all means are one, and the
// sum is so many times as large.
func TestClassLossesReduce(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(4, 5)), 9, 5, 6, 5)
	s.ColumnLabels, s.ColumnIDs = []int32{0, 1, 2, 3, 4}, []int64{100, 101, 102, 103, 104}
	for i := range s.Own {
		s.Own[i] = -1
	}
	for _, text := range []string{"normalized-softmax", "cosface", "arcface", "soft-triple:centers=1", "proxy-nca"} {
		mean, gradient := s.Run(reduced(t, text, OverPairs))
		for r, want := range map[Reduction]float64{OverAnchors: 1, OverActive: 1, Sum: 9} {
			got, other := s.Run(reduced(t, text, r))
			if math.Abs(got.Value-want*mean.Value) > 1e-6*want*mean.Value {
				t.Errorf("%s, %s: %g, and the mean is %g", text, r, got.Value, mean.Value)
			}
			kernel.Scale(other, float32(1/want), other)
			if err := twin.Relative(other, twin.Wide(gradient)); err > 1e-5 {
				t.Errorf("%s, %s: the gradient is not a multiple of the mean's: off by %g", text, r, err)
			}
		}
	}
}
