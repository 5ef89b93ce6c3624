package report

import (
	"strings"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/xbm/pair"
)

// By hand, in four bins: two positive pairs near 0.75 that weigh 3 together, four negatives
// near 0.25 that weigh 1, of none near 0.75.
func TestPairWeightsFigure(t *testing.T) {
	w := record.PairWeights{Rows: 4, Classes: 2,
		Pairs: pair.Weights{Positives: []float64{0, 0, 0, 2}, Negatives: []float64{0, 2, 4, 0}},
		Losses: []record.LossWeight{
			{Loss: "triplet:distance=cosine,margin=0.1", Weights: pair.Weights{Positives: []float64{0, 0, 0, 3}, Negatives: []float64{0, 0, 1, 0}, EffectiveNegatives: 2}},
			{Loss: "histogram:bins=100", Weights: pair.Weights{Positives: make([]float64, 4), Negatives: make([]float64, 4)}},
		}}
	e := record.Evaluation{Data: "glyphs", Part: "train", PairWeights: &w}
	f := pairWeightsFigure(w, "glyphs, train")
	for _, want := range []string{"2 positive and 6 negative pairs of 4 rows of 2 classes", "triplet, cosine: 75 % on positives", "histogram: no weight"} {
		if !strings.Contains(f.Desc, want) {
			t.Errorf("no %q in %s", want, f.Desc)
		}
	}
	if got := perPair([]float64{0, 1}, []float64{0, 4}); got[0] == got[0] || got[1] != 0.25 {
		t.Errorf("%v", got)
	}
	text := EvaluationText(e, "")
	for _, want := range []string{"triplet:distance=cosine,margin=0.1                75           0.75                0.25                   2.0", "(of all pairs alike 0.75 and 0.08)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	out := record.Folder{Path: t.TempDir()}
	if err := LeavePairWeights(out, record.Evaluation{}); err != nil || out.Has("pair-weights.svg") {
		t.Errorf("a figure of nothing: %v", err)
	}
	if err := LeavePairWeights(out, e); err != nil || !out.Has("pair-weights.svg") || !out.Has("pair-weights.png") {
		t.Errorf("no figure: %v", err)
	}
}
