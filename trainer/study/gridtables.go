package study

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
)

// The files of a study's results. They hold no times: the same study gives the same bytes,
// however often it was stopped. TableFile has the tables as Markdown, CSVFile a line for each
// run or reproduction.
const (
	TableFile = "table.md"
	CSVFile   = "scores.csv"
)

// ReportFile is the HTML report of a study, in its folder, with further files and figures
// beside it.
const ReportFile = "report.html"

// measures are the numbers that the tables show.
func measures() []measure {
	return []measure{
		{"recall@1", func(o *record.Outcome) float64 { r, _ := o.Test.Recall.At(1); return r }},
		{"MAP@R", func(o *record.Outcome) float64 { return o.Test.MAPAtR }},
	}
}

type measure struct {
	name string
	of   func(*record.Outcome) float64
}

// GridResult is the result of a grid. Its JSON holds the folder and the runs.
type GridResult struct {
	Study  string      `json:"study"` // the folder
	Runs   []CellScore `json:"runs"`  // that are complete
	Tables []Table     `json:"-"`     // of each number that is compared
	Size   string      `json:"-"`     // how many runs, of which length
	Report string      `json:"-"`     // path of the page
	CSV    string      `json:"-"`     // path of the scores, a line a run
}

// CellScore is the result of one run of a grid.
type CellScore struct {
	Settings map[string]string `json:"settings"` // its values on the axes, and its seed
	*record.Outcome
}

// finish reads what the runs came to, and saves the tables. Runs that are not complete
// are left out; it returns nil where none is.
func (g *gridStudy) finish(dir string) (*GridResult, error) {
	results, err := g.read(dir)
	if err != nil {
		return nil, err
	}
	r := &GridResult{Study: dir, Report: filepath.Join(dir, ReportFile), CSV: filepath.Join(dir, CSVFile), Runs: g.scores(results)}
	if len(r.Runs) == 0 {
		return nil, nil // the error of the runs says all
	}
	r.Size = g.size(len(r.Runs))
	var markdown strings.Builder
	for _, m := range measures() {
		for _, t := range g.tables(results, m) {
			r.Tables = append(r.Tables, t)
			markdown.WriteString(t.title("### ", "\n\n") + t.Markdown() + "\n")
		}
	}
	lines := g.csv(results)
	err = writeText(dir, TableFile, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.TrimSuffix(markdown.String(), "\n"))
		return err
	})
	if err == nil {
		err = writeText(dir, CSVFile, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(lines) })
	}
	if err != nil {
		return nil, err
	}
	keys, err := ReportKeys()
	if err != nil {
		return nil, err
	}
	if _, err := (report.Job{Dirs: []string{dir}, Out: r.Report}).Write(keys); err != nil {
		return nil, err
	}
	return r, nil
}

// size says how many runs there are, of which length.
func (g *gridStudy) size(complete int) string {
	if g.Equal == EqualImages {
		return fmt.Sprintf("%d runs of %d images", complete, g.Base.Steps*int64(g.Base.Batch.Size))
	}
	return fmt.Sprintf("%d runs of %d steps", complete, g.Base.Steps)
}

// read returns what each cell came to, nil where it is not complete.
func (g *gridStudy) read(dir string) ([]*record.Stored, error) {
	results := make([]*record.Stored, len(g.cells))
	for i, cell := range g.cells {
		path := filepath.Join(dir, cell.Name)
		done, err := isComplete(path, false)
		if err == nil && done {
			results[i], err = record.Open(path)
		}
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// Table shows one score of the runs as a table memory × batch, for one combination of the
// other settings.
type Table struct {
	report.Study
	Others string // settings that vary besides, with their values; "": none
}

// title is empty where there is one table only.
func (t Table) title(before, after string) string {
	if t.Others == "" {
		return ""
	}
	return before + t.Others + after
}

// Text returns the table with its title.
func (t Table) Text() string { return t.title("", ":\n\n") + t.Study.Text() }

// tables sorts one number of all results.
func (g *gridStudy) tables(results []*record.Stored, m measure) []Table {
	last := len(g.Axes) - 2 // memory, and then batch
	memory, batch := g.Axes[last], g.Axes[last+1]
	byOthers := map[string]*Table{}
	var order []*Table
	for i, cell := range g.cells {
		var others []string
		for k, value := range g.Values(cell)[:last] {
			if len(g.Axes[k].Values) > 1 {
				others = append(others, g.Axes[k].Key+" "+value)
			}
		}
		name := strings.Join(others, ", ")
		s := byOthers[name]
		if s == nil {
			s = &Table{Others: name, Study: report.Study{Number: m.name, RowName: memory.Key, Rows: memory.Values, ColName: batch.Key, Columns: batch.Values}}
			s.Samples = make([][][]float64, len(memory.Values))
			for row := range s.Samples {
				s.Samples[row] = make([][]float64, len(batch.Values))
				if g.Splits > 1 {
					s.Splits = append(s.Splits, make([][]string, len(batch.Values)))
				}
			}
			byOthers[name], order = s, append(order, s)
		}
		if r := results[i]; r != nil {
			at := &s.Samples[cell.At[last]][cell.At[last+1]]
			*at = append(*at, m.of(r.Outcome))
			if g.Splits > 1 {
				splits := &s.Splits[cell.At[last]][cell.At[last+1]]
				*splits = append(*splits, strconv.FormatUint(cell.Config.Data.SplitSeed, 10))
			}
		}
	}
	var tables []Table
	for _, s := range order {
		tables = append(tables, *s)
	}
	return tables
}

// csv has a line for every complete run: nothing is averaged away.
func (g *gridStudy) csv(results []*record.Stored) [][]string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	header := []string{}
	for _, a := range g.Axes {
		header = append(header, a.Key)
	}
	if g.Splits > 1 {
		header = append(header, splitSeedKey)
	}
	header = append(header, "seed")
	tuned := []string{}
	for _, r := range g.Search.Space {
		if !slices.Contains(header, r.Key) {
			tuned = append(tuned, strings.TrimPrefix(r.Key, LossParameter))
		}
	}
	var lines [][]string
	for i, r := range results {
		if r == nil {
			continue
		}
		cell, o := g.cells[i], r.Outcome
		line := g.Values(cell)
		if g.Splits > 1 {
			line = append(line, strconv.FormatUint(cell.Config.Data.SplitSeed, 10))
		}
		line = append(line, strconv.FormatUint(cell.Config.Seed, 10))
		for _, key := range tuned {
			line = append(line, fmt.Sprint(r.Config[key]))
		}
		var ranks []string
		for _, at := range o.Test.Recall {
			ranks = append(ranks, fmt.Sprintf("recall@%d", at.K))
			line = append(line, number(at.Share))
		}
		if lines == nil {
			header = slices.Concat(header, tuned, ranks, []string{"R-precision", "MAP@R", "validation recall@1", "validation MAP@R", "steps", "best step", "memory rows"})
			lines = append(lines, header)
		}
		validation, _ := o.Validation.Recall.At(1)
		lines = append(lines, append(line, number(o.Test.RPrecision), number(o.Test.MAPAtR), number(validation), number(o.Validation.MAPAtR),
			strconv.FormatInt(o.Steps, 10), strconv.FormatInt(o.BestStep, 10), strconv.Itoa(o.MemoryRows)))
	}
	return lines
}

// scores are the complete runs.
func (g *gridStudy) scores(results []*record.Stored) (runs []CellScore) {
	for i, r := range results {
		if r == nil {
			continue
		}
		settings := map[string]string{"seed": strconv.FormatUint(g.cells[i].Config.Seed, 10)}
		if g.Splits > 1 {
			settings[splitSeedKey] = strconv.FormatUint(g.cells[i].Config.Data.SplitSeed, 10)
		}
		for k, value := range g.Values(g.cells[i]) {
			settings[g.Axes[k].Key] = value
		}
		runs = append(runs, CellScore{settings, r.Outcome})
	}
	return runs
}
