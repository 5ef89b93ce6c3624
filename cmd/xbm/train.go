package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/ranks"
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
		Action: func(c *cli.Context) error { return onRanks(c, func(comm ranks.Comm) error { return train(c, comm) }) },
	}
}

// train makes a run, or goes on with one, and prints what it came to.
func train(c *cli.Context, comm ranks.Comm) error {
	job, begin := newJob, (*run.Session).Train
	if c.IsSet("resume") {
		job, begin = resume, (*run.Session).Resume
	}
	j, loading, err := job(c)
	if err := ranks.Agree(comm, err); err != nil {
		return err
	}
	session := newConsole(c.App.ErrWriter).session(loading)
	session.Comm = comm
	outcome, err := begin(session, c.Context, j)
	if err != nil {
		return run.HowToGoOn(err, j)
	}
	at := func(name string) string { return filepath.Join(outcome.Run, name) }
	return show(c, outcome, fmt.Sprintf("%sThe run is in %s: see %s and %s, and the same again with --config %s\n",
		report.OutcomeText(outcome), outcome.Run, at(record.NeighborsFile), at(record.ExtremesFile), at(record.ConfigFile)))
}

// newJob is the run that flags and the configuration file describe.
func newJob(c *cli.Context) (run.Job, run.Loading, error) {
	if err := noArguments(c); err != nil {
		return run.Job{}, run.Loading{}, err
	}
	s, err := readSettings(c, trainer.Default())
	if err != nil {
		return run.Job{}, run.Loading{}, err
	}
	set, _, _ := strings.Cut(s.Data.Set, ":")
	return run.Job{
		Config: s.Config, Dir: outFolder(c, set), Force: c.Bool("force"),
		WithoutMemory: c.Bool("without-memory"), Baselines: c.Bool("untrained"), Keep: s.Keep,
	}, s.Loading, errors.Join(s.Validate(), (trainer.Own{}).Check(s.Config))
}

// outFolder is --out, by default a folder in runs of this name and the time.
func outFolder(c *cli.Context, name string) string {
	if dir := c.String("out"); dir != "" {
		return dir
	}
	return filepath.Join(runsFolder, name+time.Now().Format("-20060102-150405"))
}
