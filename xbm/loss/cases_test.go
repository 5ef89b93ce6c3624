package loss

import (
	"fmt"
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
			func() pair.Loss { return NewContrastive(false) }, contrastiveTwin(false, 1, 0.5)},
		"contrastive-cosine-margins": {
			func() pair.Loss { return &Contrastive{PosMargin: 0.7, NegMargin: -0.2} }, contrastiveTwin(false, 0.7, -0.2)},
		"contrastive-euclidean": {
			func() pair.Loss { return NewContrastive(true) }, contrastiveTwin(true, 0, 1)},
		"contrastive-euclidean-margins": {
			func() pair.Loss { return &Contrastive{Euclidean: true, PosMargin: 0.4, NegMargin: 1.6} }, contrastiveTwin(true, 0.4, 1.6)},
		"multi-similarity": {
			func() pair.Loss { return NewMultiSimilarity() }, multiSimilarityTwin(2, 50, 0.5)},
		"multi-similarity-soft": {
			func() pair.Loss { return &MultiSimilarity{Alpha: 5, Beta: 3, Base: -0.2} }, multiSimilarityTwin(5, 3, -0.2)},
		"nt-xent":      {func() pair.Loss { return &NTXent{Temperature: 0.07} }, ntxentTwin(0.07)},
		"nt-xent-soft": {func() pair.Loss { return &NTXent{Temperature: 1} }, ntxentTwin(1)},
		"nt-xent-hard": {func() pair.Loss { return &NTXent{Temperature: 0.001} }, ntxentTwin(0.001)},
		"supcon":       {func() pair.Loss { return &SupCon{Temperature: 0.1} }, supconTwin(0.1)},
		"supcon-hard":  {func() pair.Loss { return &SupCon{Temperature: 0.01} }, supconTwin(0.01)},
		"margin":       {func() pair.Loss { return NewMargin() }, marginTwin(0.2, 1.2)},
		"margin-wide":  {func() pair.Loss { return &Margin{Margin: 0.7, Beta: 0.9} }, marginTwin(0.7, 0.9)},
		"intra-pair-variance": {
			func() pair.Loss { return &IntraPairVariance{PosEpsilon: 0.01, NegEpsilon: 0.01} }, intraPairTwin(0.01, 0.01)},
		"intra-pair-variance-loose": {
			func() pair.Loss { return &IntraPairVariance{PosEpsilon: 0.5, NegEpsilon: 0.9} }, intraPairTwin(0.5, 0.9)},
		"tuplet-margin":      {func() pair.Loss { return NewTupletMargin() }, tupletMarginTwin(5.73, 64)},
		"tuplet-margin-wide": {func() pair.Loss { return &TupletMargin{Margin: 40, Scale: 3} }, tupletMarginTwin(40, 3)},
		"nca":                {func() pair.Loss { return &NCA{Scale: 1} }, ncaTwin(1, false)},
		"nca-hard":           {func() pair.Loss { return &NCA{Scale: 30} }, ncaTwin(30, false)},
		"nca-first-form":     {func() pair.Loss { return &NCA{Scale: 3, WithoutPositives: true} }, ncaTwin(3, true)},
		"generalized-lifted": {
			func() pair.Loss { return &GeneralizedLifted{NegMargin: 1} }, generalizedLiftedTwin(0, 1)},
		"generalized-lifted-margins": {
			func() pair.Loss { return &GeneralizedLifted{PosMargin: 1.9, NegMargin: 0.1} }, generalizedLiftedTwin(1.9, 0.1)},
		"triplet-euclidean": {func() pair.Loss { return &Triplet{Euclidean: true, Margin: 0.05} }, tripletTwin(Triplet{Euclidean: true, Margin: 0.05})},
		"triplet-cosine":    {func() pair.Loss { return &Triplet{Margin: 0.1} }, tripletTwin(Triplet{Margin: 0.1})},
		"triplet-far":       {func() pair.Loss { return &Triplet{Euclidean: true, Margin: 2} }, tripletTwin(Triplet{Euclidean: true, Margin: 2})},
		"triplet-euclidean-smooth": {
			func() pair.Loss { return &Triplet{Euclidean: true, Smooth: true, Margin: 0.05} }, tripletTwin(Triplet{Euclidean: true, Smooth: true, Margin: 0.05})},
		"triplet-cosine-smooth": {
			func() pair.Loss { return &Triplet{Smooth: true, Margin: 2} }, tripletTwin(Triplet{Smooth: true, Margin: 2})},
		"circle":          {func() pair.Loss { return &Circle{M: 0.4, Gamma: 80} }, circleTwin(0.4, 80)},
		"circle-soft":     {func() pair.Loss { return &Circle{M: 0.1, Gamma: 4} }, circleTwin(0.1, 4)},
		"lifted":          {func() pair.Loss { return &Lifted{NegMargin: 1} }, liftedTwin(0, 1)},
		"lifted-margins":  {func() pair.Loss { return &Lifted{PosMargin: 2, NegMargin: 0.1} }, liftedTwin(2, 0.1)},
		"snr-contrastive": {func() pair.Loss { return &SNRContrastive{NegMargin: 1} }, snrTwin(0, 1)},
		"snr-contrastive-margins": {
			func() pair.Loss { return &SNRContrastive{PosMargin: 1.5, NegMargin: 2.5} }, snrTwin(1.5, 2.5)},
		"angular":          {func() pair.Loss { return &Angular{Alpha: 40} }, angularTwin(40, false)},
		"angular-wide":     {func() pair.Loss { return &Angular{Alpha: 65} }, angularTwin(65, false)},
		"angular-raw":      {func() pair.Loss { return &Angular{Alpha: 30, RawNegatives: true} }, angularTwin(30, true)},
		"n-pairs":          {func() pair.Loss { return &NPairs{} }, npairsTwin},
		"fast-ap":          {func() pair.Loss { return &FastAP{Bins: 10} }, fastAPTwin(10)},
		"fast-ap-coarse":   {func() pair.Loss { return &FastAP{Bins: 1} }, fastAPTwin(1)},
		"histogram":        {func() pair.Loss { return &Histogram{Bins: 100} }, histogramTwin(100)},
		"histogram-coarse": {func() pair.Loss { return &Histogram{Bins: 4} }, histogramTwin(4)},
		"smooth-ap":        {func() pair.Loss { return &SmoothAP{Temperature: 0.01} }, smoothAPTwin(0.01)},
		"smooth-ap-soft":   {func() pair.Loss { return &SmoothAP{Temperature: 0.3} }, smoothAPTwin(0.3)},
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
