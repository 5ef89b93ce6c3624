package report

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"crossbatch/eval/record"
	"crossbatch/eval/report/chart"
)

// pairWeightsName is the name of the figure's files, without their ending.
const pairWeightsName = "pair-weights"

// LeavePairWeights writes the figure of how losses weigh the pairs of embeddings into the
// folder of their evaluation, as SVG and PNG. It writes nothing where that was not asked for.
func LeavePairWeights(out record.Folder, e record.Evaluation) error {
	if e.PairWeights == nil {
		return nil
	}
	of := e.Embeddings
	if of == "" {
		of = e.Data + ", " + e.Part
	}
	f := pairWeightsFigure(*e.PairWeights, of)
	return errors.Join(out.Write(f.Name+".svg", f.SVG), out.Write(f.Name+".png", f.PNG))
}

// pairWeightsFigure shows the mean weight of a pair by its similarity, a panel for each
// loss, beside how many pairs there are.
func pairWeightsFigure(w record.PairWeights, of string) *chart.Figure {
	p := chart.Panels{
		Name: pairWeightsName, Title: "How losses weigh the same pairs: " + of,
		Series: []string{"positives", "negatives"},
		X: chart.Axis{Label: "cosine similarity of the pair; height: mean |∂L/∂S|, each sign to its largest", Min: -1, Max: 1,
			Ticks: []chart.Tick{{At: -1, Label: "-1"}, {At: 0, Label: "0"}, {At: 1, Label: "1"}}},
	}
	positives, negatives := sum(w.Pairs.Positives), sum(w.Pairs.Negatives)
	p.Panels = []chart.Panel{{Title: "the pairs", Note: fmt.Sprintf("%.0f and %.0f", positives, negatives), Values: [][]float64{w.Pairs.Positives, w.Pairs.Negatives}}}
	words := []string{fmt.Sprintf("%.0f positive and %.0f negative pairs of %d rows of %d classes", positives, negatives, w.Rows, w.Classes)}
	for _, l := range w.Losses {
		name, _, _ := strings.Cut(l.Loss, ",")
		name, distance, _ := strings.Cut(name, ":distance=")
		if distance != "" {
			name += ", " + distance
		}
		name, _, _ = strings.Cut(name, ":")
		note := "no weight: all pairs are far enough"
		if all := sum(l.Positives) + sum(l.Negatives); all > 0 {
			note = fmt.Sprintf("%.0f %% on positives", 100*sum(l.Positives)/all)
		}
		p.Panels = append(p.Panels, chart.Panel{Title: name, Note: note, Values: [][]float64{perPair(l.Positives, w.Pairs.Positives), perPair(l.Negatives, w.Pairs.Negatives)}})
		words = append(words, name+": "+note)
	}
	p.Desc = p.Title + ". " + strings.Join(words, "; ") + "."
	return p.Figure()
}

// perPair is the mean weight of a pair in each bin; NaN where there is no pair.
func perPair(weights, pairs []float64) []float64 {
	mean := make([]float64, len(weights))
	for k := range weights {
		if mean[k] = math.NaN(); pairs[k] > 0 {
			mean[k] = weights[k] / pairs[k]
		}
	}
	return mean
}

// pairWeightsText is the same in numbers, for people.
func pairWeightsText(w record.PairWeights) string {
	lines := [][]string{{"weights of pairs", "on positives, %", "their cosine", "negatives' cosine", "effective negatives"}}
	for _, l := range w.Losses {
		share := "-"
		if all := sum(l.Positives) + sum(l.Negatives); all > 0 {
			share = fmt.Sprintf("%.0f", 100*sum(l.Positives)/all)
		}
		lines = append(lines, []string{l.Loss, share, meanBin(l.Positives), meanBin(l.Negatives), fmt.Sprintf("%.1f", l.EffectiveNegatives)})
	}
	return fmt.Sprintf("%sOf %d rows of %d classes as a batch: the share of all |∂L/∂S| on positive pairs, the mean cosine of positive and of negative pairs by that weight (of all pairs alike %s and %s), and how many negatives of equal weight an anchor's come to.\n",
		Align(lines), w.Rows, w.Classes, meanBin(w.Pairs.Positives), meanBin(w.Pairs.Negatives))
}

// meanBin is the mean similarity of what lies in bins from -1 to 1.
func meanBin(bins []float64) string {
	var at float64
	for k, x := range bins {
		at += x * (-1 + 2*(float64(k)+0.5)/float64(len(bins)))
	}
	if all := sum(bins); all > 0 {
		return fmt.Sprintf("%.2f", at/all)
	}
	return "-"
}
