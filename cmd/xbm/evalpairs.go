package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/run"
)

// pairsEvaluation is what xbm eval --pairs writes down.
type pairsEvaluation struct {
	Run        string `json:"run,omitempty"`
	Data       string `json:"data,omitempty"`
	Embeddings string `json:"embeddings,omitempty"`
	Pairs      string `json:"pairs"`
	run.Verification
}

func evaluatePairs(c *cli.Context, h how, out record.Folder) (err error) {
	e := pairsEvaluation{Embeddings: c.String("embeddings"), Pairs: c.String("pairs")}
	if name := isSetAny(c, "verification", "draws", "ranks", "part", "multi-label"); name != "" {
		return fmt.Errorf("--%s is not for a list of pairs: leave it out, or --pairs", name)
	}
	if e.Embeddings != "" {
		err = e.ofFiles(c, h)
	} else {
		err = e.ofRun(c, h)
	}
	if err != nil {
		return err
	}
	if out.Path != "" {
		if err := out.JSON(record.EvaluationFile, e); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return record.EncodeJSON(c.App.Writer, e, "")
	}
	text := fmt.Sprintf("%s, pairs of %s\n\n%s", e.Embeddings+e.Run, e.Pairs, verificationText(&e.Verification))
	if out.Path != "" {
		text += fmt.Sprintf("\nThe evaluation is in %s\n", filepath.Join(out.Path, record.EvaluationFile))
	}
	_, err = io.WriteString(c.App.Writer, text)
	return err
}

func (e *pairsEvaluation) ofFiles(c *cli.Context, h how) error {
	files, err := readFiles(c)
	if err != nil {
		return err
	}
	task, err := files.Pairs(e.Pairs)
	if err != nil {
		return err
	}
	task.Distance, task.FARs, task.Threshold = h.task.Distance, h.task.FARs, h.task.Threshold
	if e.Scores, err = h.console.session(run.Loading{}).Tell(c.Context, task); err != nil {
		return fmt.Errorf("%s: %w", e.Pairs, err)
	}
	return nil
}

func (e *pairsEvaluation) ofRun(c *cli.Context, h how) error {
	list, err := os.Open(e.Pairs)
	if err != nil {
		return fmt.Errorf("pairs: %w", err)
	}
	defer func() { _ = list.Close() }() // it was only read
	m, about, err := openEvaluated(c, h)
	if err != nil {
		return err
	}
	e.Run, e.Data = about.Run, about.Data
	if e.Verification, err = m.VerifyPairs(c.Context, list, h.task); err != nil {
		return fmt.Errorf("%s: %w", e.Pairs, err)
	}
	return nil
}

// verificationText is a verification for people.
func verificationText(v *run.Verification) string {
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
	return text + report.Align(lines) + few
}
