package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
)

func trainCommand() *cli.Command {
	return &cli.Command{
		Name:        "train",
		Usage:       "train an embedding and score it on classes it has not seen",
		Description: help("train") + choices(),
		Flags: append(settingsFlags(trainer.Default()),
			&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` of the run (default: runs/ and the data set, date and time)"},
			&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the run in --out"},
			&cli.StringFlag{Category: "Run", Name: "resume", Usage: "go on with the interrupted run in `FOLDER`, to the bit as if it had not been; no other setting may differ"},
			&cli.BoolFlag{Category: "Run", Name: "without-memory", Aliases: []string{"baseline"}, Value: true, Usage: "with a memory: then train the same without, to compare"},
			&cli.BoolFlag{Category: "Run", Name: "untrained", Aliases: []string{"yardsticks"}, Value: true, Usage: "then score what needs no training, to compare: raw pixels or features, their principal components, the untrained network"},
			&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
		),
		Action: train,
	}
}

func train(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.IsSet("resume") {
		return resume(c)
	}
	s, err := readSettings(c, trainer.Default())
	if err != nil {
		return err
	}
	if err := errors.Join(s.Validate(), (trainer.Own{}).Check(s.Config)); err != nil {
		return err
	}
	set, _, _ := strings.Cut(s.Data.Set, ":")
	dir := outFolder(c, set)
	// Looked at before the work, not after.
	if err := record.Check(dir, c.Bool("force")); err != nil {
		return err
	}
	console := newConsole(c.App.ErrWriter)
	return console.train(c, run.Job{
		Config: s.Config, Dir: dir, Force: c.Bool("force"),
		WithoutMemory: c.Bool("without-memory"), Baselines: c.Bool("untrained"), Keep: s.Keep,
	}, s.Loading, (*run.Session).Train)
}

// train makes a run, or goes on with one, and prints what it came to.
func (o *console) train(c *cli.Context, j run.Job, loading run.Loading, begin func(*run.Session, context.Context, run.Job) (record.Outcome, error)) error {
	outcome, err := begin(o.session(loading), c.Context, j)
	if err != nil {
		return run.HowToGoOn(err, j)
	}
	at := func(name string) string { return filepath.Join(outcome.Run, name) }
	return show(c, outcome, fmt.Sprintf("%sThe run is in %s: see %s and %s, and the same again with --config %s\n",
		report.OutcomeText(outcome), outcome.Run, at(record.NeighborsFile), at(record.ExtremesFile), at(record.ConfigFile)))
}

// outFolder is --out, by default a folder in runs of this name and the time.
func outFolder(c *cli.Context, name string) string {
	if dir := c.String("out"); dir != "" {
		return dir
	}
	return filepath.Join("runs", name+time.Now().Format("-20060102-150405"))
}
