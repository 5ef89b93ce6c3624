package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"crossbatch/eval"
)

// CSV writes a line for every run: the keys that vary, the scores and the cost.
func (c *Collection) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := []string{"run"}
	var keys []string
	for _, a := range c.Axes {
		keys = append(keys, a.Key)
	}
	keys = append(append(keys, c.also()...), seedKey, splitSeedKey)
	header = append(append(header, keys...), "memory_rows", "steps", "best_step")
	var ranks []int
	for _, r := range c.Runs[0].Outcome.Test.Recall {
		ranks = append(ranks, r.K)
	}
	for _, part := range []string{"test", "validation"} {
		for _, k := range ranks {
			header = append(header, fmt.Sprintf("%s_recall@%d", part, k))
		}
		header = append(header, part+"_r_precision", part+"_map@r")
	}
	header = append(header, "false_pairs", "seconds", "total_seconds", "images_per_second", "peak_memory_bytes")
	if err := out.Write(header); err != nil {
		return err
	}
	exact := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for _, r := range c.Runs {
		o := r.Outcome
		line := []string{r.Name}
		for _, key := range keys {
			line = append(line, r.config[key])
		}
		line = append(line, strconv.Itoa(o.MemoryRows), strconv.FormatInt(o.Steps, 10), strconv.FormatInt(o.BestStep, 10))
		for _, s := range []eval.Scores{o.Test.Scores, o.Validation.Scores} {
			for _, k := range ranks {
				line = append(line, exact(recallAt(s, k)))
			}
			line = append(line, exact(s.RPrecision), exact(s.MAPAtR))
		}
		line = append(line, exact(o.FalsePairs), exact(o.Seconds), exact(o.TotalSeconds), exact(o.ImagesPerSecond), strconv.FormatUint(o.PeakMemory, 10))
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Markdown writes the tables for a README: memory × batch for each score, or all
// settings, then the comparisons and the command.
func (c *Collection) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", c.title(), c.summary())
	for _, text := range c.findings() {
		b.WriteString("\n- " + text)
	}
	b.WriteString("\n\n")
	if panels, ok := c.fields(); ok {
		for _, panel := range panels {
			if name := c.name(panel, memoryKey, batchKey); name != "" {
				b.WriteString("## " + name + "\n\n")
			}
			for _, n := range scored() {
				b.WriteString(c.study(panel, n).Markdown() + "\n")
			}
		}
	} else {
		b.WriteString(c.scores().markdown() + "\n")
		if t, ok := c.sources(); ok {
			b.WriteString(t.markdown() + "\n")
		}
	}
	for axis := range c.Axes {
		if t, ok := c.comparisons(axis); ok {
			b.WriteString(t.markdown() + "\n")
		}
	}
	if t, ok := c.baselines(); ok {
		b.WriteString(t.markdown() + "\n")
	}
	if t, ok := c.priceList(); ok {
		b.WriteString(t.markdown() + "\n")
	}
	if line := c.madeBy(); line != "" {
		b.WriteString("Made by:\n\n```sh\n" + line + "\n```\n\n")
	}
	b.WriteString("Each by itself:\n\n```sh\n")
	for _, command := range c.commandList() {
		fmt.Fprintf(&b, "# %s\n%s\n", command[0], command[1])
	}
	b.WriteString("```\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// study is a panel's table of memory × batch.
func (c *Collection) study(panel *Cell, n number) Study {
	memory, batch := c.axis(memoryKey), c.axis(batchKey)
	cells := c.of(panel, memory, batch)
	s := Study{Number: n.name, RowName: memoryKey, Rows: c.values(memory, cells), ColName: batchKey, Columns: c.values(batch, cells)}
	var splits [][][]string
	for _, row := range s.Rows {
		var line [][]float64
		var of [][]string
		for _, column := range s.Columns {
			var sample []float64
			var split []string
			if cell := c.at(panel, memory, row, batch, column); cell != nil {
				sample, split = cell.measure(n.of), cell.splits()
			}
			line, of = append(line, sample), append(of, split)
		}
		s.Samples, splits = append(s.Samples, line), append(splits, of)
	}
	if c.severalSplits() {
		s.Splits = splits
	}
	return s
}

// markdown is the table in GitHub's Markdown.
func (t table) markdown() string {
	return t.Caption + "\n\n" + MarkdownTable(append([][]string{t.Header}, t.Rows...), t.Left)
}
