package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/pair"
)

// lossCases is the table that every loss stands in, with its twin: all tests of
// what losses have in common run over it.
func lossCases() map[string]struct {
	loss func() pair.Loss
	twin twin.Loss
} {
	type c = struct {
		loss func() pair.Loss
		twin twin.Loss
	}
	return map[string]c{
		"contrastive-cosine": {
			func() pair.Loss { return NewContrastive(false) }, contrastiveTwin(false, 1, 0.5).by(OverActive)},
		"contrastive-cosine-margins": {
			func() pair.Loss { return &Contrastive{PosMargin: 0.7, NegMargin: -0.2} }, contrastiveTwin(false, 0.7, -0.2).by(OverActive)},
		"contrastive-euclidean": {
			func() pair.Loss { return NewContrastive(true) }, contrastiveTwin(true, 0, 1).by(OverActive)},
		"contrastive-euclidean-margins": {
			func() pair.Loss { return &Contrastive{Euclidean: true, PosMargin: 0.4, NegMargin: 1.6} }, contrastiveTwin(true, 0.4, 1.6).by(OverActive)},
		"multi-similarity": {
			func() pair.Loss { return NewMultiSimilarity() }, multiSimilarityTwin(2, 50, 0.5).by(OverAnchors)},
		"multi-similarity-soft": {
			func() pair.Loss { return &MultiSimilarity{Alpha: 5, Beta: 3, Base: -0.2} }, multiSimilarityTwin(5, 3, -0.2).by(OverAnchors)},
		"nt-xent":      {func() pair.Loss { return &NTXent{Temperature: 0.07} }, ntxentTwin(0.07).by(OverPairs)},
		"nt-xent-soft": {func() pair.Loss { return &NTXent{Temperature: 1} }, ntxentTwin(1).by(OverPairs)},
		"nt-xent-hard": {func() pair.Loss { return &NTXent{Temperature: 0.001} }, ntxentTwin(0.001).by(OverPairs)},
		"supcon":       {func() pair.Loss { return &SupCon{Temperature: 0.1} }, supconTwin(0.1).by(OverActive)},
		"supcon-hard":  {func() pair.Loss { return &SupCon{Temperature: 0.01} }, supconTwin(0.01).by(OverActive)},
		"margin":       {func() pair.Loss { return NewMargin() }, marginTwin(0.2, 1.2).by(OverActive)},
		"margin-wide":  {func() pair.Loss { return &Margin{Margin: 0.7, Beta: 0.9} }, marginTwin(0.7, 0.9).by(OverActive)},
		"intra-pair-variance": {
			func() pair.Loss { return &IntraPairVariance{PosEpsilon: 0.01, NegEpsilon: 0.01} }, intraPairTwin(0.01, 0.01).by(OverPairs)},
		"intra-pair-variance-loose": {
			func() pair.Loss { return &IntraPairVariance{PosEpsilon: 0.5, NegEpsilon: 0.9} }, intraPairTwin(0.5, 0.9).by(OverPairs)},
		"tuplet-margin":      {func() pair.Loss { return NewTupletMargin() }, tupletMarginTwin(5.73, 64).by(OverPairs)},
		"tuplet-margin-wide": {func() pair.Loss { return &TupletMargin{Margin: 40, Scale: 3} }, tupletMarginTwin(40, 3).by(OverPairs)},
		"nca":                {func() pair.Loss { return &NCA{Scale: 1} }, ncaTwin(1, false).by(OverPairs)},
		"nca-hard":           {func() pair.Loss { return &NCA{Scale: 30} }, ncaTwin(30, false).by(OverPairs)},
		"nca-first-form":     {func() pair.Loss { return &NCA{Scale: 3, WithoutPositives: true} }, ncaTwin(3, true).by(OverPairs)},
		"generalized-lifted": {
			func() pair.Loss { return &GeneralizedLifted{NegMargin: 1} }, generalizedLiftedTwin(0, 1).by(OverAnchors)},
		"generalized-lifted-margins": {
			func() pair.Loss { return &GeneralizedLifted{PosMargin: 1.9, NegMargin: 0.1} }, generalizedLiftedTwin(1.9, 0.1).by(OverAnchors)},
		"triplet-euclidean": {func() pair.Loss { return &Triplet{Euclidean: true, Margin: 0.05} }, tripletTwin(Triplet{Euclidean: true, Margin: 0.05}).by(OverActive)},
		"triplet-cosine":    {func() pair.Loss { return &Triplet{Margin: 0.1} }, tripletTwin(Triplet{Margin: 0.1}).by(OverActive)},
		"triplet-far":       {func() pair.Loss { return &Triplet{Euclidean: true, Margin: 2} }, tripletTwin(Triplet{Euclidean: true, Margin: 2}).by(OverActive)},
		"triplet-euclidean-smooth": {
			func() pair.Loss { return &Triplet{Euclidean: true, Smooth: true, Margin: 0.05} }, tripletTwin(Triplet{Euclidean: true, Smooth: true, Margin: 0.05}).by(OverActive)},
		"triplet-cosine-smooth": {
			func() pair.Loss { return &Triplet{Smooth: true, Margin: 2} }, tripletTwin(Triplet{Smooth: true, Margin: 2}).by(OverActive)},
		"circle":          {func() pair.Loss { return &Circle{M: 0.4, Gamma: 80} }, circleTwin(0.4, 80).by(OverActive)},
		"circle-soft":     {func() pair.Loss { return &Circle{M: 0.1, Gamma: 4} }, circleTwin(0.1, 4).by(OverActive)},
		"lifted":          {func() pair.Loss { return &Lifted{NegMargin: 1} }, liftedTwin(0, 1).by(OverPairs)},
		"lifted-margins":  {func() pair.Loss { return &Lifted{PosMargin: 2, NegMargin: 0.1} }, liftedTwin(2, 0.1).by(OverPairs)},
		"snr-contrastive": {func() pair.Loss { return &SNRContrastive{NegMargin: 1} }, snrTwin(0, 1).by(OverActive)},
		"snr-contrastive-margins": {
			func() pair.Loss { return &SNRContrastive{PosMargin: 1.5, NegMargin: 2.5} }, snrTwin(1.5, 2.5).by(OverActive)},
		"angular":          {func() pair.Loss { return &Angular{Alpha: 40} }, angularTwin(40, false).by(OverPairs)},
		"angular-wide":     {func() pair.Loss { return &Angular{Alpha: 65} }, angularTwin(65, false).by(OverPairs)},
		"angular-raw":      {func() pair.Loss { return &Angular{Alpha: 30, RawNegatives: true} }, angularTwin(30, true).by(OverPairs)},
		"n-pairs":          {func() pair.Loss { return &NPairs{} }, twinTerms(npairsTwin).by(OverPairs)},
		"fast-ap":          {func() pair.Loss { return &FastAP{Bins: 10} }, fastAPTwin(10).by(OverPairs)},
		"fast-ap-coarse":   {func() pair.Loss { return &FastAP{Bins: 1} }, fastAPTwin(1).by(OverPairs)},
		"histogram":        {func() pair.Loss { return &Histogram{Bins: 100} }, histogramTwin(100)},
		"histogram-coarse": {func() pair.Loss { return &Histogram{Bins: 4} }, histogramTwin(4)},
		"smooth-ap":        {func() pair.Loss { return &SmoothAP{Temperature: 0.01} }, smoothAPTwin(0.01).by(OverPairs)},
		"smooth-ap-soft":   {func() pair.Loss { return &SmoothAP{Temperature: 0.3} }, smoothAPTwin(0.3).by(OverPairs)},
	}
}

// Every loss of pairs that has a name stands in the table, with its twin.
func TestEveryLossHasATwin(t *testing.T) {
	has := map[string]bool{}
	for _, c := range lossCases() {
		has[fmt.Sprintf("%T", c.loss())] = true
	}
	for _, name := range Names() {
		l, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if !has[fmt.Sprintf("%T", l)] {
			t.Errorf("%s has no case in the table", name)
		}
	}
}

func TestLossesEqualTheirTwins(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{
		{7, -1, 5, 3}, {12, -1, 8, 4}, {1, -1, 3, 1}, {5, -1, 4, 5}, {6, -1, 4, 1},
		{7, 9, 5, 3}, {3, 1, 2, 2}, {4, 0, 3, 2}, {5, 40, 6, 100}, {35, 30, 3, 4},
	}
	for name, c := range lossCases() {
		for i, shape := range shapes {
			for _, keep := range []bool{false, true} {
				rng := rand.New(rand.NewPCG(uint64(i), 7))
				s := twin.Random(rng, shape.n, shape.m, shape.dim, shape.classes)
				s.KeepCopies = keep
				summary, grad := s.Run(c.loss())
				want := s.Value(c.twin, nil)
				if err := math.Abs(summary.Value-want) / math.Max(math.Abs(want), 1e-8); err > twin.Tolerance {
					t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
				}
				if err := twin.Relative(grad, s.Gradient(c.twin, nil)); err > twin.Tolerance {
					t.Errorf("%s %+v: gradient is off the twin's differences by %g", name, shape, err)
				}
			}
		}
	}
}

// Past one block of anchors and one tile of columns the value still is the
// twin's; the gradient there is the same code.
func TestLossesOverManyTiles(t *testing.T) {
	for name, c := range lossCases() {
		for _, shape := range []struct{ n, m, classes int }{{70, 1300, 60}, {530, -1, 130}, {33, 513, 8}} {
			s := twin.Random(rand.New(rand.NewPCG(3, 4)), shape.n, shape.m, 6, shape.classes)
			summary, _ := s.Run(c.loss())
			if want := s.Value(c.twin, nil); math.Abs(summary.Value-want) > twin.Tolerance*want {
				t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
			}
		}
	}
}
