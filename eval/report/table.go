package report

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"crossbatch/eval"
)

// Study is a number, such as recall@1, measured on every combination of two
// settings, some times over.
type Study struct {
	Number  string   // what was measured, a share from 0 to 1
	RowName string   // of the setting that varies from row to row
	Rows    []string // its values
	ColName string
	Columns []string
	Samples [][][]float64 // [row][column][repetition]
	Splits  [][][]string  // which split of the classes each is of; nil: all of one
}

// cell is the mean with its 95 % interval by Student's t, in percent.
func (s Study) cell(row, column int) string {
	mean, half := eval.Interval(s.Samples[row][column])
	if s.Splits != nil {
		n := eval.NestedInterval(bySplit(s.Samples[row][column], s.Splits[row][column]))
		mean, half = n.Mean, n.Half
	}
	switch {
	case math.IsNaN(mean):
		return "-"
	case math.IsNaN(half):
		return fmt.Sprintf("%.1f", 100*mean)
	}
	return fmt.Sprintf("%.1f ± %.1f", 100*mean, 100*half)
}

// header is the names above the columns.
func (s Study) header() []string {
	h := []string{s.RowName}
	for _, c := range s.Columns {
		h = append(h, s.ColName+" "+c)
	}
	return h
}

func (s Study) lines() [][]string {
	lines := [][]string{s.header()}
	for i, row := range s.Rows {
		line := []string{row}
		for j := range s.Columns {
			line = append(line, s.cell(i, j))
		}
		lines = append(lines, line)
	}
	return lines
}

// caption says what the cells are.
func (s Study) caption() string {
	n := 0
	for _, row := range s.Samples {
		for _, samples := range row {
			n = max(n, len(samples))
		}
	}
	if n < 2 {
		return s.Number + ", in percent, one seed"
	}
	if s.Splits != nil {
		return fmt.Sprintf("%s, in percent: mean ± half of the 95 %% interval over splits of the classes and seeds (%s)", s.Number, nestedMethod)
	}
	return fmt.Sprintf("%s, in percent: mean over %d seeds ± half of the 95 %% interval (Student's t)", s.Number, n)
}

// Text is the study as an aligned table. With several splits there is another table, of how
// much of the scatter comes from splits and how much from seeds.
func (s Study) Text() string { return s.render(Align) }

// Markdown is the same as tables of GitHub's Markdown.
func (s Study) Markdown() string {
	return s.render(func(lines [][]string) string { return MarkdownTable(lines, 1) })
}

func (s Study) render(table func([][]string) string) string {
	text := s.caption() + "\n\n" + table(s.lines())
	if s.Splits != nil {
		text += "\n" + s.Number + ", " + sourcesCaption + "\n\n" + table(s.sources())
	}
	return text
}

// CSV has a line for every repetition: nothing is averaged away.
func (s Study) CSV() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s,%s,repetition,%s\n", s.RowName, s.ColName, s.Number)
	for i, row := range s.Rows {
		for j, column := range s.Columns {
			for k, x := range s.Samples[i][j] {
				fmt.Fprintf(&b, "%s,%s,%d,%v\n", row, column, k+1, x)
			}
		}
	}
	return b.String()
}

// MarkdownTable is lines of cells, the first a header, as a table of GitHub's
// Markdown: the first columns flush left, the others flush right.
func MarkdownTable(lines [][]string, left int) string {
	var b strings.Builder
	for i, line := range lines {
		for k, cell := range line {
			if k > 0 {
				b.WriteString(" ")
			}
			b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`))
		}
		b.WriteString(" |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", left) + strings.Repeat("---:|", len(line)-left) + "\n")
		}
	}
	return b.String()
}

// Align sets lines of cells in columns, the first flush left, the others flush
// right.
func Align(lines [][]string) string {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		text := ""
		for i, cell := range line {
			fill := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				text += cell + fill
			} else {
				text += "   " + fill + cell
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}
