package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/study"
)

func compareRuns(c *cli.Context) error {
	if c.Args().Len() != 2 {
		return errors.New("give two folders of runs: xbm runs compare A B")
	}
	a, b := c.Args().Get(0), c.Args().Get(1)
	if filepath.Clean(a) == filepath.Clean(b) {
		return fmt.Errorf("%s is compared with itself: give two folders of runs", a)
	}
	keys, err := study.ReportKeys()
	if err != nil {
		return err
	}
	found, err := report.Compare(a, b, keys)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return record.EncodeJSON(c.App.Writer, struct {
			A []string `json:"a"`
			B []string `json:"b"`
			*report.Comparison
		}{found.A, found.B, found}, "")
	}
	config := [][]string{{"setting", "A", "B"}}
	for _, k := range found.Config {
		config = append(config, []string{k.Key, k.A, k.B})
	}
	if len(found.Config) == 0 {
		config = [][]string{{"no setting differs"}}
	}
	scores := [][]string{{"", "A", "B", "B less A", ""}}
	bounds := false
	for _, d := range found.Scores {
		scores = append(scores, []string{d.Name, measuredText(d.A, d.Share, false), measuredText(d.B, d.Share, false),
			measuredText(d.Change, d.Share, true), beyondText(d)})
		bounds = bounds || d.A.Low != nil || d.B.Low != nil
	}
	_, err = fmt.Fprintf(c.App.Writer, "A  %s\nB  %s\n\n%s\n%s\n%s\n", runNames(a, found.A), runNames(b, found.B),
		report.Align(config), report.Align(scores), explain(found.Pairs, bounds))
	return err
}

func runNames(dir string, runs []string) string {
	if len(runs) > 1 {
		return fmt.Sprintf("%s (%d runs)", dir, len(runs))
	}
	return runs[0]
}

// explain says what the numbers are.
func explain(pairs int, bounds bool) string {
	text := "Scores of the test classes in percent"
	if pairs > 1 {
		return text + fmt.Sprintf(": mean ± half of the 95 %% interval (Student's t); differences of %d pairs of one seed.", pairs)
	}
	if bounds {
		text += ", in brackets 95 % bounds over resamples of the queries"
	}
	return text + ". How far they scatter from seed to seed, single runs cannot tell."
}

// measuredText is a number for people.
func measuredText(m report.Measured, share, signed bool) string {
	show := func(x float64) string {
		switch {
		case share:
			return fmt.Sprintf("%.1f", 100*x)
		case math.Abs(x) >= 1000:
			return fmt.Sprintf("%.0f", x)
		}
		return fmt.Sprintf("%.3g", x)
	}
	text := show(m.Mean)
	if text == "-0.0" {
		text = "0.0"
	}
	if signed && text[0] != '-' {
		text = "+" + text
	}
	switch {
	case m.Half != nil:
		text += " ± " + show(*m.Half)
	case m.Low != nil:
		text += " (" + show(*m.Low) + "–" + show(*m.High) + ")"
	}
	return text
}

func beyondText(d report.ScoreDelta) string {
	if beyond, ok := d.Beyond(); ok && beyond {
		return "beyond the interval"
	}
	return ""
}
