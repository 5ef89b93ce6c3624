package report

import (
	"fmt"
	"slices"
	"strings"
)

// title says what varies, on what.
func (c *Collection) title() string {
	var keys []string
	for _, a := range c.Axes {
		if a.Key != "data" {
			keys = append(keys, a.Key)
		}
	}
	what := "One setting"
	if n := len(keys); n == 1 {
		what = "Accuracy by " + keys[0]
	} else if n > 1 {
		what = "Accuracy by " + strings.Join(keys[:n-1], ", ") + " and " + keys[n-1]
	}
	return what + " on " + strings.Join(c.sets(), ", ")
}

// sets are the names of the data sets, without the places where they lie.
func (c *Collection) sets() (names []string) {
	for _, r := range c.Runs {
		name, _, _ := strings.Cut(r.config["data"], ":")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// summary says what there is.
func (c *Collection) summary() string {
	var parts []string
	all := 1
	for _, a := range c.Axes {
		all *= len(a.Values)
		parts = append(parts, fmt.Sprintf("%d values of %s", len(a.Values), a.Key))
	}
	if all != len(c.Cells) { // some combinations only
		parts = []string{plural(len(c.Cells), "setting")}
	}
	seeds := 0
	for _, cell := range c.Cells {
		seeds = max(seeds, len(cell.Runs))
	}
	text := plural(len(c.Runs), "run")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, " × ")
	}
	if splits := c.Cells[0].splits(); c.severalSplits() {
		slices.Sort(splits)
		text += fmt.Sprintf(", %s on %s of the classes each", plural(seeds, "seed"), plural(len(slices.Compact(splits)), "split"))
	} else {
		text += ", " + plural(seeds, "seed") + " each"
	}
	if slices.ContainsFunc(c.Cells, func(cell *Cell) bool { return len(cell.Runs) != seeds }) {
		text += " at most"
	}
	r := c.Runs[0]
	var same []string
	for _, part := range []struct{ key, before, after string }{
		{"backbone", "network ", ""}, {"dim", "embeddings of ", " numbers"}, {"loss", "loss ", ""}, {"miner", "miner ", ""}, {"steps", "", " steps"},
	} {
		if value := c.common(part.key); value != several && value != "none" && value != "–" {
			same = append(same, part.before+value+part.after)
		}
	}
	if len(same) > 0 {
		text += ". In common: " + strings.Join(same, ", ")
	}
	return text + fmt.Sprintf(". Scored on %d test images of classes that neither training nor the choice of anything has seen.", r.Outcome.Test.Queries+r.Outcome.Test.Skipped)
}

// several stands for values that differ.
const several = "several"

// common is a value that all runs share, or that there are several.
func (c *Collection) common(key string) string {
	for _, r := range c.Runs {
		if r.config[key] != c.Runs[0].config[key] {
			return several
		}
	}
	return shown(c.Runs[0].config[key])
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// findings are what the numbers say, in sentences.
func (c *Collection) findings() (all []string) {
	best := c.bestCell(c.Cells)
	text := "On the test classes: "
	if len(c.Cells) > 1 {
		text = fmt.Sprintf("Validation prefers %s. On the test classes: ", c.name(best))
	}
	for i, n := range scored() {
		if i > 0 {
			text += ", "
		}
		text += n.name + " " + best.plusMinus(n) + " %"
	}
	all = append(all, text+".")
	for axis := range c.Axes {
		for _, n := range scored() {
			if text := c.finding(axis, n); text != "" {
				all = append(all, text)
			}
		}
	}
	if !slices.ContainsFunc(c.Cells, func(cell *Cell) bool { return len(cell.Runs) > 1 }) {
		all = append(all, "There is one seed of each setting, so nothing is known of how far the numbers scatter.")
	}
	if n := len(c.Incomplete); n > 0 {
		all = append(all, fmt.Sprintf("Left out, being incomplete: %s.", strings.Join(c.Incomplete, ", ")))
	}
	if n := len(c.Repeated); n > 0 {
		all = append(all, fmt.Sprintf("Left out, having another run's configuration and so its numbers: %s.", strings.Join(c.Repeated, ", ")))
	}
	return all
}

// finding is what the comparisons of one axis come to.
func (c *Collection) finding(axis int, n number) string {
	var gains, losses int
	var best Difference
	compared, equal := 0, 0
	for _, d := range c.differences(axis, n) {
		if d.Pairs < 2 {
			continue
		}
		if compared++; compared == 1 || d.Mean > best.Mean {
			best = d
		}
		if d.Equality == equivalent {
			equal++
		}
		switch {
		case !d.Beyond():
		case d.Mean > 0:
			gains++
		default:
			losses++
		}
	}
	if compared == 0 {
		return ""
	}
	base, _ := c.base(axis)
	text := fmt.Sprintf("%s: of %s with %s %s, %d gain and %d lose beyond the 95 %% interval, and %d cannot be told apart; by chance alone about %s would be beyond.",
		n.name, plural(compared, "comparison"), c.Axes[axis].Key, shown(base), gains, losses, compared-gains-losses, small(float64(compared)/20))
	if equal > 0 {
		text += fmt.Sprintf(" Equivalent within a point: %d.", equal)
	}
	if best.Mean > 0 {
		within := ", within its interval"
		if best.Beyond() {
			within = ""
		}
		text += fmt.Sprintf(" The largest gain is %s points (%s)%s.", best, c.name(best.Cell), within)
	}
	return text
}

// environments are what the runs were made with, each once.
func (c *Collection) environments() (all []string) {
	for _, r := range c.Runs {
		e := r.Environment
		if e == nil {
			continue
		}
		text := fmt.Sprintf("%s, %s %s/%s", e.Module, e.Go, e.OS, e.Arch)
		if e.Revision != "" {
			text += ", revision " + e.Revision
			if e.Modified {
				text += " with changes"
			}
		}
		if e.CPU != "" {
			text += ", " + e.CPU
		}
		text += fmt.Sprintf(", %s of %s", plural(e.Threads, "thread"), plural(e.Cores, "core"))
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}
