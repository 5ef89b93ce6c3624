package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
)

// withoutMemory is the folder within a run's that holds its baseline.
const withoutMemory = "without-memory"

func trainCommand() *cli.Command {
	return &cli.Command{
		Name:  "train",
		Usage: "train an embedding and score it on classes it has not seen",
		Description: "Trains on the training classes, keeps the weights that score best on the validation classes (by\n" +
			"MAP@R), and scores those once on the test classes. Then trains the same network on the same\n" +
			"batches without the memory, to show what the memory gains; --baseline=false leaves that out.\n\n" +
			"Examples:\n" +
			"  xbm train                                     letters and digits, about a minute\n" +
			"  xbm train --memory 2048 --batch 16            a small batch, a memory of 2,048 rows\n" +
			"  xbm train --loss triplet --miner batch-hard   another loss, on the hardest pairs only\n" +
			"  xbm train --loss arcface --loss-lr 0.01       class weights in place of a memory\n" +
			"  xbm train --data omniglot:PATH --seed 2       handwritten characters\n" +
			"  xbm train --config runs/a/config.yaml         the run in runs/a once more" + choices(),
		Flags: append(settingsFlags(),
			&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` of the run (default: runs/ and the data set, date and time)"},
			&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the run in --out"},
			&cli.BoolFlag{Category: "Run", Name: "baseline", Value: true, Usage: "with a memory: then train the same without, to compare"},
			&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
		),
		Action: train,
	}
}

func train(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s, err := readSettings(c)
	if err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	dir := c.String("out")
	if dir == "" {
		set, _, _ := strings.Cut(s.Data, ":")
		dir = filepath.Join("runs", set+time.Now().Format("-20060102-150405"))
	}
	// Looked at before the work, not after.
	if err := record.Check(dir, c.Bool("force")); err != nil {
		return err
	}
	runs := &session{dataSettings: s.dataSettings, console: newConsole(c.App.ErrWriter)}
	rows, err := s.MemoryRows(1)
	if err != nil {
		return err
	}
	compare := rows > 0 && c.Bool("baseline")
	title := "training"
	if compare {
		title = "with memory"
	}
	o, err := runs.train(c.Context, title, s.Config, dir, c.Bool("force"))
	if err != nil {
		return err
	}
	if compare {
		plain := s.Config
		plain.Memory = "0"
		baseline, err := runs.train(c.Context, "without memory", plain, filepath.Join(dir, withoutMemory), c.Bool("force"))
		if err != nil {
			return fmt.Errorf("%s is complete, its baseline is not: %w", dir, err)
		}
		o.Baseline = &baseline
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(o)
	}
	return printOutcome(c.App.Writer, o)
}

// printOutcome prints the results for people.
func printOutcome(w io.Writer, o outcome) error {
	lines := [][]string{{""}}
	for _, r := range o.Test.Recall {
		lines[0] = append(lines[0], fmt.Sprintf("recall@%d", r.K))
	}
	lines[0] = append(lines[0], "R-precision", "MAP@R", "queries")
	if b := o.Baseline; b != nil {
		lines = append(lines, scoreLine("validation, no memory", b.Validation), scoreLine("validation, memory", o.Validation),
			scoreLine("test, no memory", b.Test), scoreLine("test, memory", o.Test), gainLine(b.Test, o.Test))
	} else {
		lines = append(lines, scoreLine("validation", o.Validation), scoreLine("test", o.Test))
	}
	memory := "no memory"
	if o.MemoryRows > 0 {
		memory = fmt.Sprintf("a memory of %d rows", o.MemoryRows)
	}
	if o.FalsePairs > 0 {
		memory += fmt.Sprintf(" (%.1f %% of its positive pairs were of an image with itself)", 100*o.FalsePairs)
	}
	_, err := fmt.Fprintf(w, "%s\n%d steps with %s in %.0f s, %.0f images/s; best after %d steps. Scores in percent, one seed.\n"+
		"The run is in %s: see %s, and the same again with --config %s\n",
		report.Align(lines), o.Steps, memory, o.Seconds, o.ImagesPerSecond, o.BestStep,
		o.Run, filepath.Join(o.Run, record.NeighborsFile), filepath.Join(o.Run, record.ConfigFile))
	return err
}

func scoreLine(name string, s eval.Scores) []string {
	line := []string{name}
	for _, r := range s.Recall {
		line = append(line, fmt.Sprintf("%.1f", 100*r.Share))
	}
	queries := fmt.Sprint(s.Queries)
	if s.Skipped > 0 {
		queries += fmt.Sprintf(" (%d alone in their class)", s.Skipped)
	}
	return append(line, fmt.Sprintf("%.1f", 100*s.RPrecision), fmt.Sprintf("%.1f", 100*s.MAPAtR), queries)
}

func gainLine(before, after eval.Scores) []string {
	line := []string{"gain of the memory"}
	for i, r := range after.Recall {
		line = append(line, gain(before.Recall[i].Share, r.Share))
	}
	return append(line, gain(before.RPrecision, after.RPrecision), gain(before.MAPAtR, after.MAPAtR))
}

// gain is the difference in points of percent, to one decimal; adding 0 makes
// -0 a 0.
func gain(before, after float64) string {
	return fmt.Sprintf("%+.1f", math.Round(1000*(after-before))/10+0)
}
