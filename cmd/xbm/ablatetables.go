package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/ablation"
)

// The files of a study's results. They hold no times: the same study gives the
// same bytes, however often it was stopped.
const (
	studyTable = "table.md"
	studyCSV   = "scores.csv"
)

// studyReport is the page of a study, with files and figures beside it.
const studyReport = "report.html"

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

// finish reads what the runs came to, saves the tables, and prints them. Runs that
// are not complete are left out.
func (g *grid) finish(c *cli.Context, dir string) error {
	results, err := g.read(dir)
	if err != nil {
		return err
	}
	complete := 0
	for _, r := range results {
		if r != nil {
			complete++
		}
	}
	if complete == 0 {
		return nil // the error of the runs says all
	}
	var text, markdown strings.Builder
	for _, m := range measures() {
		for _, section := range g.sections(results, m) {
			text.WriteString(section.title("", ":\n\n") + section.Text() + "\n")
			markdown.WriteString(section.title("### ", "\n\n") + section.Markdown() + "\n")
		}
	}
	lines := g.csv(results)
	err = writeText(dir, studyTable, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.TrimSuffix(markdown.String(), "\n"))
		return err
	})
	if err == nil {
		err = writeText(dir, studyCSV, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(lines) })
	}
	if err != nil {
		return err
	}
	if err := writeReport([]string{dir}, filepath.Join(dir, studyReport)); err != nil {
		return err
	}
	if c.Bool("json") {
		return g.printJSON(c.App.Writer, dir, results)
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s%s on %s. The study is in %s: see %s, and every run in %s\n",
		text.String(), g.size(complete), g.Base.Data.Set, dir, filepath.Join(dir, studyReport), filepath.Join(dir, studyCSV))
	return err
}

// size says how many runs there are, of which length.
func (g *grid) size(complete int) string {
	if g.Equal == ablation.EqualImages {
		return fmt.Sprintf("%d runs of %d images", complete, g.Base.Steps*int64(g.Base.Batch.Size))
	}
	return fmt.Sprintf("%d runs of %d steps", complete, g.Base.Steps)
}

// read returns what each cell came to, nil where it is not complete.
func (g *grid) read(dir string) ([]*record.Stored, error) {
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

// section is the table memory × batch of one combination of the other settings.
type section struct {
	report.Study
	others string // settings that vary, with their values
}

// title is empty where there is one section only.
func (s section) title(before, after string) string {
	if s.others == "" {
		return ""
	}
	return before + s.others + after
}

// sections sorts one number of all results.
func (g *grid) sections(results []*record.Stored, m measure) []section {
	last := len(g.Axes) - 2 // memory, and then batch
	memory, batch := g.Axes[last], g.Axes[last+1]
	byOthers := map[string]*section{}
	var order []*section
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
			s = &section{others: name, Study: report.Study{Number: m.name, RowName: memory.Key, Rows: memory.Values, ColName: batch.Key, Columns: batch.Values}}
			s.Samples = make([][][]float64, len(memory.Values))
			for row := range s.Samples {
				s.Samples[row] = make([][]float64, len(batch.Values))
			}
			byOthers[name], order = s, append(order, s)
		}
		if r := results[i]; r != nil {
			at := &s.Samples[cell.At[last]][cell.At[last+1]]
			*at = append(*at, m.of(r.Outcome))
		}
	}
	var sections []section
	for _, s := range order {
		sections = append(sections, *s)
	}
	return sections
}

// csv has a line for every complete run: nothing is averaged away.
func (g *grid) csv(results []*record.Stored) [][]string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	header := []string{}
	for _, a := range g.Axes {
		header = append(header, a.Key)
	}
	header = append(header, "seed")
	tuned := []string{}
	for _, r := range g.search.Space {
		if !slices.Contains(header, r.Key) {
			tuned = append(tuned, strings.TrimPrefix(r.Key, ablation.LossParameter))
		}
	}
	var lines [][]string
	for i, r := range results {
		if r == nil {
			continue
		}
		cell, o := g.cells[i], r.Outcome
		line := append(g.Values(cell), strconv.FormatUint(cell.Config.Seed, 10))
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

func (g *grid) printJSON(w io.Writer, dir string, results []*record.Stored) error {
	type run struct {
		Settings map[string]string `json:"settings"`
		*record.Outcome
	}
	var runs []run
	for i, r := range results {
		if r == nil {
			continue
		}
		settings := map[string]string{"seed": strconv.FormatUint(g.cells[i].Config.Seed, 10)}
		for k, value := range g.Values(g.cells[i]) {
			settings[g.Axes[k].Key] = value
		}
		runs = append(runs, run{settings, r.Outcome})
	}
	return json.NewEncoder(w).Encode(struct {
		Study string `json:"study"`
		Runs  []run  `json:"runs"`
	}{dir, runs})
}
