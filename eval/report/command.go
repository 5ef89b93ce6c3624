package report

import (
	"fmt"
	"slices"
	"strings"
)

// command is the command that makes a run again: the flags that differ from the
// defaults. Without a folder it makes one of its own.
func (c *Collection) command(r *Run) string { return c.commandBut(r) + " --seed " + r.config[seedKey] }

// commandBut is the same without the seed.
func (c *Collection) commandBut(r *Run) string {
	var keys []string
	for key := range r.Config {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	flags := []string{"xbm", "train"}
	for _, key := range keys {
		value := valueText(r.Config[key])
		usual, known := c.keys.Defaults[key]
		if key == seedKey || known && valueText(usual) == value {
			continue
		}
		switch r.Config[key].(type) {
		case bool:
			flags = append(flags, "--"+key+map[bool]string{false: "=" + value}[value == "true"])
		default:
			flags = append(flags, "--"+key, quote(value))
		}
	}
	return strings.Join(append(flags, "--baseline=false"), " ")
}

// cellCommand makes all runs of a cell.
func (c *Collection) cellCommand(cell *Cell) string {
	if len(cell.Runs) == 1 {
		return c.command(cell.Runs[0])
	}
	var seeds, lines []string
	same := true
	for _, r := range cell.Runs {
		seeds, lines = append(seeds, r.config[seedKey]), append(lines, c.command(r))
		same = same && c.commandBut(r) == c.commandBut(cell.Runs[0])
	}
	if !same { // in more than the seed, as where each has a learning rate of its own
		return strings.Join(lines, "\n")
	}
	return fmt.Sprintf("for s in %s; do %s --seed $s; done", strings.Join(seeds, " "), c.commandBut(cell.Runs[0]))
}

// madeBy is the command line that made all runs, where one did.
func (c *Collection) madeBy() string {
	var made []string
	for i, r := range c.Runs {
		if r.Environment == nil || len(r.Environment.Command) < 2 {
			return ""
		}
		if i > 0 && !slices.Equal(made, r.Environment.Command) {
			return ""
		}
		made = r.Environment.Command
	}
	words := []string{"xbm"} // whatever the file was called
	for _, w := range made[1:] {
		words = append(words, quote(w))
	}
	return strings.Join(words, " ")
}

// quote is a word as a shell takes it.
func quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,%@+"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
