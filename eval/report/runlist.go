package report

import (
	"fmt"
	"strings"

	"crossbatch/eval/record"
)

// RunList is the runs of a folder as a table for people, scores in percent, with what is
// damaged below.
func RunList(dir string, runs []record.Summary) string {
	if len(runs) == 0 {
		return fmt.Sprintf("there are no runs in %s\n", dir)
	}
	lines := [][]string{{"run", "data", "loss", "memory", "batch", "seed", "steps", "recall@1", "MAP@R", "started", "state"}}
	var troubles strings.Builder
	for _, r := range runs {
		lines = append(lines, runLine(r))
		if r.Trouble != "" {
			troubles.WriteString("\n" + strings.ReplaceAll(r.Trouble, "\n", " "))
		}
	}
	return strings.TrimSuffix(Align(lines)+troubles.String(), "\n") + "\n"
}

func runLine(r record.Summary) []string {
	value := func(key string) string {
		if v, ok := r.Config[key]; ok && v != "" && r.State != record.Damaged {
			return fmt.Sprint(v)
		}
		return "–"
	}
	percent := func(x *float64) string {
		if x == nil {
			return "–"
		}
		return fmt.Sprintf("%.1f", 100**x)
	}
	started := "–"
	if r.Started != nil {
		started = r.Started.Local().Format("2006-01-02 15:04")
	}
	steps := fmt.Sprint(r.Steps)
	switch r.State {
	case record.Stopped, record.Running:
		steps += " of " + fmt.Sprint(r.Config["steps"])
	case record.Damaged:
		steps = "–"
	}
	return []string{r.Run, value("data"), value("loss"), value("memory"), value("batch"), value("seed"), steps,
		percent(r.Recall), percent(r.MAPAtR), started, string(r.State)}
}
