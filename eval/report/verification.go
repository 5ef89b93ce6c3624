package report

import (
	"cmp"
	"fmt"
	"strconv"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// PairsText is the evaluation of a list of pairs for people.
func PairsText(e record.PairsEvaluation) string {
	return fmt.Sprintf("%s, pairs of %s\n\n%s", e.Embeddings+e.Run, e.Pairs, VerificationText(e.Verification))
}

// VerificationText is a verification for people.
func VerificationText(v record.Verification) string {
	text := fmt.Sprintf("%d pairs of one class, %d of two, by %s distance\n\n", v.Positives, v.Negatives, v.Distance)
	if v.Distance == eval.Cosine {
		text = fmt.Sprintf("%d pairs of one class, %d of two, by cosine\n\n", v.Positives, v.Negatives)
	}
	if v.TrainedOn > 0 {
		text += fmt.Sprintf("%d of the images were trained on\n\n", v.TrainedOn)
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 5, 64) }
	lines := [][]string{
		{"", "score", "threshold"},
		{"ROC AUC", percents(v.AUC)},
		{"average precision", percents(v.AveragePrecision)},
		{"equal error rate", percents(v.EqualErrorRate)},
	}
	few := ""
	for _, x := range v.TAR {
		line := []string{"TAR at FAR " + number(x.FAR), "-"}
		switch {
		case x.TAR == nil:
			few = cmp.Or(few, fmt.Sprintf("A FAR of %g would take %.0f pairs of two classes to tell.\n", x.FAR, 1/x.FAR))
		case x.Threshold == nil:
			line[1] = percents(*x.TAR)
		default:
			line[1] = percents(*x.TAR)
			line = append(line, number(*x.Threshold))
		}
		lines = append(lines, line)
	}
	lines = append(lines, []string{"balanced accuracy, best on these pairs", percents(v.Best.BalancedAccuracy), number(v.Best.Threshold)})
	if d := v.Given; d != nil {
		of := "of --threshold"
		if v.ThresholdFrom != "" {
			of = "threshold of " + v.ThresholdFrom
		}
		lines = append(lines, []string{"balanced accuracy, " + of, percents(d.BalancedAccuracy), number(d.Threshold)},
			[]string{"  accuracy of it", percents(d.Accuracy)}, []string{"  TAR of it", percents(d.TAR)}, []string{"  FAR of it", percents(d.FAR)})
	}
	return text + Align(lines) + few
}
