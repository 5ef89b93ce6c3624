package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
)

// withoutMemory is the folder within a run's that holds its baseline.
const withoutMemory = "without-memory"

func trainCommand() *cli.Command {
	return &cli.Command{
		Name:  "train",
		Usage: "train an embedding and score it on classes it has not seen",
		Description: "Trains on the training classes, keeps the weights that score best on the validation classes (by\n" +
			"MAP@R), and scores those once on the test classes. Then trains the same network on the same\n" +
			"batches without the memory, to show what the memory gains; --baseline=false leaves that out. And\n" +
			"scores the test classes by what needs no training, to show what training gains: the raw pixels,\n" +
			"their principal components, the untrained network; --yardsticks=false leaves that out.\n\n" +
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
			&cli.BoolFlag{Category: "Run", Name: "yardsticks", Value: true, Usage: "then score what needs no training, to compare: raw pixels or features, their principal components, the untrained network"},
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
	runs.yardsticks = c.Bool("yardsticks")
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
		runs.yardsticks = false // they are the same
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
