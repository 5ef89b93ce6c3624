package report

import (
	"fmt"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// EvaluationText is an evaluation for people, in percent: scores with their bounds,
// then what else was asked for. more follows each part that was left out as
// too much work, and tells how to get it.
func EvaluationText(e record.Evaluation, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d queries in %d classes, %d numbers an embedding\n", evaluated(e), e.Queries+e.Skipped, e.Classes, e.Dim)
	if e.Skipped > 0 {
		fmt.Fprintf(&b, "%d queries %s and skipped\n", e.Skipped, whySkipped(e))
	}
	if e.Junk > 0 {
		fmt.Fprintf(&b, "%d rows are junk: they ask nothing and are in no ranking\n", e.Junk)
	}
	if e.Distance != "" {
		fmt.Fprintf(&b, "Neighbours by %s\n", e.Distance)
	}
	b.WriteString("\n" + Align(scoreLines(e)))
	if e.Bootstrap != nil {
		fmt.Fprintf(&b, "In percent; %d resamples of the queries, seed %d.\n", e.Bootstrap.Resamples, e.Seed)
	}
	if m := e.ClassMeans; m != nil {
		fmt.Fprintf(&b, "Over classes in place of queries: recall@%d %s, R-precision %s, MAP@R %s", m.Recall[0].K, percents(m.Recall[0].Share), percents(m.RPrecision), percents(m.MAPAtR))
		if m.MAP != nil {
			fmt.Fprintf(&b, ", MAP %s", percents(*m.MAP))
		}
		b.WriteString(".\n")
	}
	if d := e.Draws; d != nil {
		fmt.Fprintf(&b, "\n%d draws of a gallery of %d rows, one a class, for %d queries; mean and its 95 %% interval over the draws\n\n", d.Draws, d.Gallery, d.Queries)
		b.WriteString(Align(drawsLines(d)))
	}
	if e.Verification != nil {
		b.WriteString("\nVerification: " + VerificationText(*e.Verification))
	}
	if d := e.Diagnosis; d != nil {
		b.WriteString("\n")
		for _, line := range diagnosisLines(e.Classes, e.Dim, d) {
			fmt.Fprintf(&b, "%-25s%8s   %s\n", line[0], line[1], line[2])
		}
	}
	if w := e.PairWeights; w != nil {
		b.WriteString("\n" + pairWeightsText(*w))
	}
	for _, left := range e.LeftOut {
		if left.Why == "" {
			left.Why = fmt.Sprintf("about %.0e products of numbers; %s", left.Work, more)
		}
		fmt.Fprintf(&b, "\nLeft out: %s: %s\n", left.What, left.Why)
	}
	return b.String()
}

// evaluated says what was evaluated.
func evaluated(e record.Evaluation) string {
	switch {
	case e.QueryEmbeddings != "":
		return fmt.Sprintf("%s among %s", e.QueryEmbeddings, e.Embeddings)
	case e.Embeddings != "":
		return e.Embeddings
	}
	title := fmt.Sprintf("%s, %s of %s", e.Run, e.Part, e.Data)
	if e.Note != "" {
		title += " (" + e.Note + ")"
	}
	return title
}

// whySkipped says what queries that have nothing to find lack.
func whySkipped(e record.Evaluation) string {
	if e.AcrossCameras {
		return "have no other image of their class by another camera"
	}
	return "are alone in their class"
}

// drawsLines are the scores over draws of a gallery.
func drawsLines(d *eval.Draws) [][]string {
	var lines [][]string
	add := func(name string, mean, half float64) {
		lines = append(lines, []string{name, percents(mean), "± " + percents(half)})
	}
	for k, r := range d.Mean.Recall {
		add(fmt.Sprintf("recall@%d", r.K), r.Share, d.Half.Recall[k].Share)
	}
	if d.Mean.MAP != nil {
		add("MAP", *d.Mean.MAP, *d.Half.MAP)
	}
	return lines
}

// scoreLines are the scores with their bounds.
func scoreLines(e record.Evaluation) [][]string {
	lines := [][]string{{"", "score"}}
	if e.Bootstrap != nil {
		lines[0] = append(lines[0], "95 % of resamples")
	}
	add := func(name string, score float64, of func(eval.Means) float64) {
		line := []string{name, percents(score)}
		if e.Bootstrap != nil && of != nil {
			line = append(line, fmt.Sprintf("%.1f to %.1f", 100*of(e.Bootstrap.Low), 100*of(e.Bootstrap.High)))
		}
		lines = append(lines, line)
	}
	add("precision at 1", e.PrecisionAt1, func(m eval.Means) float64 { r, _ := m.Recall.At(1); return r })
	recall := "recall"
	if e.AcrossCameras {
		recall = "CMC"
	}
	for _, r := range e.Recall {
		add(fmt.Sprintf(recall+"@%d", r.K), r.Share, func(m eval.Means) float64 { share, _ := m.Recall.At(r.K); return share })
	}
	add("R-precision", e.RPrecision, func(m eval.Means) float64 { return m.RPrecision })
	add("MAP@R", e.MAPAtR, func(m eval.Means) float64 { return m.MAPAtR })
	if e.MAP != nil {
		add("MAP", *e.MAP, func(m eval.Means) float64 { return *m.MAP })
		add("MRR", *e.MRR, func(m eval.Means) float64 { return *m.MRR })
	}
	if e.MAPTrapezoidal != nil {
		add("MAP by trapezoids", *e.MAPTrapezoidal, func(m eval.Means) float64 { return *m.MAPTrapezoidal })
	}
	if e.NMI != nil {
		add("NMI", *e.NMI, nil)
		add("AMI", *e.AMI, nil)
	}
	return lines
}

// diagnosisLines are numbers of how embeddings lie, and what they are.
func diagnosisLines(classes, dim int, d *eval.Diagnosis) [][]string {
	number := func(x float64) string { return fmt.Sprintf("%.3f", x) }
	return [][]string{
		{"statistical margin", number(d.Margin), fmt.Sprintf("mean cosine of a class's pairs %.3f, of others %.3f", d.PositiveSimilarity, d.NegativeSimilarity)},
		{"distance within a class", number(d.IntraDistance), "mean over the classes"},
		{"distance between classes", number(d.InterDistance), "mean between their centres"},
		{"classes to numbers", fmt.Sprintf("%.2f", float64(classes)/float64(dim)), fmt.Sprintf("%d classes, %d numbers", classes, dim)},
		{"effective rank", fmt.Sprintf("%.1f", d.EffectiveRank), "dimensions in use, e to the entropy of the spectrum"},
		{"spectral decay", number(d.SpectralDecay), "divergence of the spectrum from all alike, 0"},
	}
}
