package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/report"
)

// protocolJSON holds all results of a protocol, beside its tables.
const protocolJSON = "results.json"

// finish saves the results and prints them.
func (p *protocolStudy) finish(c *cli.Context, results []methodResult) error {
	caption := fmt.Sprintf("Test classes, in percent: mean over %d reproductions", p.Reproductions)
	if p.Reproductions > 1 {
		caption += " ± half of the 95 % interval (Student's t)"
	}
	dim := p.methods[0].Config.Network.Dim
	caption += fmt.Sprintf(".\nOf each fold's network on its own (embeddings of %d numbers), and of all %d together (%d)", dim, p.Folds, p.Folds*dim)
	scores, settings := scoreLines(results), settingLines(results)
	chosen := fmt.Sprintf("What was chosen of %d trials, by the mean of MAP@R on the validation classes over %d folds ± its standard error", p.Trials, p.Folds)
	for name, write := range map[string]func(io.Writer) error{
		studyTable: func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s\n\n%s\n%s\n\n%s", caption, report.MarkdownTable(scores, 2), chosen, report.MarkdownTable(settings, 2))
			return err
		},
		studyCSV:     func(w io.Writer) error { return csv.NewWriter(w).WriteAll(reproductionLines(results)) },
		protocolJSON: func(w io.Writer) error { return encodeResults(w, results, "  ") },
	} {
		if err := writeText(p.runs.dir, name, write); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(struct {
			Study   string         `json:"study"`
			Methods []methodResult `json:"methods"`
		}{p.runs.dir, results})
	}
	_, err := fmt.Fprintf(c.App.Writer, "%s\n\n%s\n%s\n\n%s\n%d folds on %s. The study is in %s: see %s, and every reproduction in %s\n",
		caption, report.Align(scores), chosen, report.Align(settings), p.Folds, p.Base.Data.Set, p.runs.dir,
		filepath.Join(p.runs.dir, studyTable), filepath.Join(p.runs.dir, studyCSV))
	return err
}

func encodeResults(w io.Writer, results []methodResult, indent string) error {
	e := json.NewEncoder(w)
	e.SetIndent("", indent)
	return e.Encode(results)
}

// scoreLines are the table of the scores.
func scoreLines(results []methodResult) [][]string {
	header := []string{"loss", "memory", "P@1", "RP", "MAP@R", "together P@1", "RP", "MAP@R"}
	lines := [][]string{header}
	for _, r := range results {
		line := []string{r.Loss, r.Memory}
		for _, i := range slices.Concat(r.Separated.list(), r.Concatenated.list()) {
			line = append(line, i.String())
		}
		lines = append(lines, line)
	}
	return lines
}

// settingLines are the table of what was chosen.
func settingLines(results []methodResult) [][]string {
	lines := [][]string{{"loss", "memory", "settings", "trial", "validation MAP@R", "diverged"}}
	for _, r := range results {
		lines = append(lines, []string{r.Loss, r.Memory, r.settings, strconv.Itoa(r.Trial),
			fmt.Sprintf("%.1f ± %.1f", 100*r.Validation, 100*r.Error), strconv.Itoa(r.Diverged)})
	}
	return lines
}

// reproductionLines have a line for every reproduction: nothing is averaged away
// but the folds.
func reproductionLines(results []methodResult) [][]string {
	lines := [][]string{{"loss", "memory", "reproduction", "seed",
		"separated P@1", "separated RP", "separated MAP@R", "concatenated P@1", "concatenated RP", "concatenated MAP@R"}}
	for _, m := range results {
		for i, r := range m.Reproductions {
			line := []string{m.Loss, m.Memory, strconv.Itoa(i + 1), strconv.FormatUint(r.Seed, 10)}
			for _, x := range slices.Concat(r.Separated.list(), r.Concatenated.list()) {
				line = append(line, strconv.FormatFloat(x, 'g', -1, 64))
			}
			lines = append(lines, line)
		}
	}
	return lines
}
