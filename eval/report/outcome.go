package report

import (
	"fmt"
	"math"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/fewshot"
	"crossbatch/eval/record"
)

// worthTelling is the share of the time that training may wait for images unnoticed.
const worthTelling = 0.05

// OutcomeText is what a run came to, for people: its scores, beside those without
// memory and those that need no training, and its cost.
func OutcomeText(o record.Outcome) string {
	lines := [][]string{{""}}
	for _, r := range o.Test.Recall {
		lines[0] = append(lines[0], fmt.Sprintf("recall@%d", r.K))
	}
	lines[0] = append(lines[0], "R-precision", "MAP@R", "queries")
	if b := o.Baseline; b != nil {
		lines = append(lines, scoreLine("validation, no memory", b.Validation.Scores), scoreLine("validation, memory", o.Validation.Scores),
			scoreLine("test, no memory", b.Test.Scores), scoreLine("test, memory", o.Test.Scores), gainLine(b.Test.Scores, o.Test.Scores))
	} else {
		lines = append(lines, scoreLine("validation", o.Validation.Scores), scoreLine("test", o.Test.Scores))
	}
	memory := "no memory"
	if o.MemoryRows > 0 {
		memory = fmt.Sprintf("a memory of %d rows", o.MemoryRows)
	}
	if o.FalsePairs > 0 {
		memory += fmt.Sprintf(" (%.1f %% of its positive pairs were of an image with itself)", 100*o.FalsePairs)
	}
	if o.FalseNegatives > 0 {
		memory += fmt.Sprintf(" (an anchor left out %.2f older embeddings of its own image)", o.FalseNegatives)
	}
	if o.SkippedBatches > 0 {
		memory += fmt.Sprintf(", %d batches of them skipped as bad,", o.SkippedBatches)
	}
	waiting := ""
	if o.Waiting >= worthTelling {
		waiting = fmt.Sprintf(" (%.0f %% of it waiting for images)", 100*o.Waiting)
	}
	return fmt.Sprintf("%s\n%s%s\n%d steps with %s in %.0f s%s, %.0f images/s; best after %d steps. Scores in percent, one seed.\n",
		Align(lines), boundsLine(o.Test), baselinesText(o), o.Steps, memory, o.Seconds, waiting, o.ImagesPerSecond, o.BestStep)
}

func scoreLine(name string, s eval.Scores) []string {
	line := []string{name}
	for _, r := range s.Recall {
		line = append(line, fmt.Sprintf("%.1f", 100*r.Share))
	}
	queries := fmt.Sprint(s.Queries)
	if s.Skipped > 0 {
		queries += fmt.Sprintf(" (%d alone in their class)", s.Skipped)
	}
	return append(line, fmt.Sprintf("%.1f", 100*s.RPrecision), fmt.Sprintf("%.1f", 100*s.MAPAtR), queries)
}

func gainLine(before, after eval.Scores) []string {
	line := []string{"gain of the memory"}
	for i, r := range after.Recall {
		line = append(line, gain(before.Recall[i].Share, r.Share))
	}
	return append(line, gain(before.RPrecision, after.RPrecision), gain(before.MAPAtR, after.MAPAtR))
}

// gain is the difference in points of percent, to one decimal; adding 0 makes
// -0 a 0.
func gain(before, after float64) string {
	return fmt.Sprintf("%+.1f", math.Round(1000*(after-before))/10+0)
}

// boundsLine says how far the test's scores depend on its queries.
func boundsLine(e eval.Evaluation) string {
	b := e.Bootstrap
	if b == nil {
		return ""
	}
	low, _ := b.Low.Recall.At(1)
	high, _ := b.High.Recall.At(1)
	return fmt.Sprintf("Of %d resamples of the test queries, 95 %% have recall@1 from %.1f to %.1f and MAP@R from %.1f to %.1f.\n",
		b.Resamples, 100*low, 100*high, 100*b.Low.MAPAtR, 100*b.High.MAPAtR)
}

// baselinesText is what needs no training beside what was trained; "" for nothing.
func baselinesText(o record.Outcome) string {
	if len(o.Baselines) == 0 {
		return ""
	}
	lines := [][]string{{"test classes", "numbers", "recall@1", "R-precision", "MAP@R", "k-NN", "nearest centroid", "linear", "EasyTL"}}
	line := func(name string, dim int, s eval.Scores, f *fewshot.Scores) {
		recall, _ := s.Recall.At(1)
		cells := []string{name, fmt.Sprint(dim), percents(recall), percents(s.RPrecision), percents(s.MAPAtR), "-", "-", "-", "-"}
		if f != nil {
			cells[5], cells[6], cells[7] = percents(f.Neighbors), percents(f.Centroid), percents(f.Linear)
			if f.EasyTL != nil {
				cells[8] = percents(*f.EasyTL)
			}
		}
		lines = append(lines, cells)
	}
	var notes []string
	for _, b := range o.Baselines {
		line(b.Name, b.Dim, b.Test, b.Classifiers)
		if len(b.Notes) > 0 {
			notes = append(notes, b.Name+": "+strings.Join(b.Notes, ", ")+"\n")
		}
	}
	if b := o.Baseline; b != nil {
		line("trained, no memory", b.Test.Dim, b.Test.Scores, b.Classifiers)
		line("trained, memory", o.Test.Dim, o.Test.Scores, o.Classifiers)
	} else {
		line("trained", o.Test.Dim, o.Test.Scores, o.Classifiers)
	}
	if f := o.Features; f != nil {
		line(f.Name, f.Dim, f.Test, f.Classifiers)
	}
	return fmt.Sprintf("\n%sThe last four columns: the share that simple classifiers get right, which learnt from half of each test class; EasyTL sees all queries at once.\n%s",
		Align(lines), strings.Join(notes, ""))
}

// percents is a share in percent, to one decimal; adding 0 makes -0 a 0.
func percents(share float64) string { return fmt.Sprintf("%.1f", math.Round(1000*share)/10+0) }
