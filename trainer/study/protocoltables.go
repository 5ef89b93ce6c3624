package study

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"crossbatch/eval/report"
)

// protocolJSON holds all results of a protocol, beside its tables.
const protocolJSON = "results.json"

// ProtocolResult is the result of a protocol. Its JSON holds the folder and the methods.
type ProtocolResult struct {
	Study   string         `json:"study"` // the folder
	Methods []MethodResult `json:"methods"`

	// Text is the tables with their captions, for a terminal.
	Text string `json:"-"`
	// Table and CSV are the paths of the tables, and of the scores with a line a
	// reproduction.
	Table string `json:"-"`
	CSV   string `json:"-"`
}

// finish saves the results.
func (p *protocolStudy) finish(results []MethodResult) (*ProtocolResult, error) {
	caption := fmt.Sprintf("Test classes, in percent: mean over %d reproductions", p.Reproductions)
	if p.Reproductions > 1 {
		caption += " ± half of the 95 % interval (Student's t)"
	}
	dim := p.methods[0].Config.Network.Dim
	caption += fmt.Sprintf(".\nOf each fold's network on its own (embeddings of %d numbers), and of all %d together (%d)", dim, p.Folds, p.Folds*dim)
	scores, settings := scoreLines(results), settingLines(results)
	chosen := fmt.Sprintf("What was chosen of %d trials, by the mean of MAP@R on the validation classes over %d folds ± its standard error", p.Trials, p.Folds)
	for name, write := range map[string]func(io.Writer) error{
		TableFile: func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s\n\n%s\n%s\n\n%s", caption, report.MarkdownTable(scores, 2), chosen, report.MarkdownTable(settings, 2))
			return err
		},
		CSVFile:      func(w io.Writer) error { return csv.NewWriter(w).WriteAll(reproductionLines(results)) },
		protocolJSON: func(w io.Writer) error { return encodeResults(w, results, "  ") },
	} {
		if err := writeText(p.runs.Dir, name, write); err != nil {
			return nil, err
		}
	}
	ranks, err := p.writeRanks(results)
	if err != nil {
		return nil, err
	}
	return &ProtocolResult{
		Study: p.runs.Dir, Methods: results, Text: fmt.Sprintf("%s\n\n%s\n%s\n\n%s", caption, report.Align(scores), chosen, report.Align(settings)) + ranks,
		Table: filepath.Join(p.runs.Dir, TableFile), CSV: filepath.Join(p.runs.Dir, CSVFile),
	}, nil
}

func encodeResults(w io.Writer, results []MethodResult, indent string) error {
	e := json.NewEncoder(w)
	e.SetIndent("", indent)
	return e.Encode(results)
}

// scoreLines are the table of the scores.
func scoreLines(results []MethodResult) [][]string {
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
func settingLines(results []MethodResult) [][]string {
	lines := [][]string{{"loss", "memory", "settings", "trial", "validation MAP@R", "diverged"}}
	for _, r := range results {
		lines = append(lines, []string{r.Loss, r.Memory, r.settings, strconv.Itoa(r.Trial),
			fmt.Sprintf("%.1f ± %.1f", 100*r.Validation, 100*r.Error), strconv.Itoa(r.Diverged)})
	}
	return lines
}

// reproductionLines have a line for every reproduction: nothing is averaged away
// but the folds.
func reproductionLines(results []MethodResult) [][]string {
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
