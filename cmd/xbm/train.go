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
	"crossbatch/trainer/ranks"
	"crossbatch/trainer/run"
)

func trainCommand() *cli.Command {
	return &cli.Command{
		Name:  "train",
		Usage: "train an embedding and score it on classes it has not seen",
		Description: "Trains on the training classes, keeps the weights that score best on the validation classes (by\n" +
			"MAP@R), and scores those once on the test classes. Then trains the same network on the same\n" +
			"batches without the memory, to show what the memory gains; --without-memory=false leaves that out. And\n" +
			"scores the test classes by what needs no training, to show what training gains: the raw pixels,\n" +
			"their principal components, the untrained network; --untrained=false leaves that out.\n\n" +
			"Examples:\n" +
			"  xbm train                                     letters and digits, about a minute\n" +
			"  xbm train --memory 2048 --batch 16            a small batch, a memory of 2,048 rows\n" +
			"  xbm train --loss triplet --miner batch-hard   another loss, on the hardest pairs only\n" +
			"  xbm train --loss arcface --loss-lr 0.01       class weights in place of a memory\n" +
			"  xbm train --encoder momentum                  keys by a slowly moving encoder in the memory\n" +
			"  xbm train --labels none --encoder momentum    without labels: MoCo\n" +
			"  xbm train --labels none                       without labels: SimCLR\n" +
			"  xbm train --batch 1024 --chunk 64 --memory 0  a large batch in the room of a small one\n" +
			"  xbm train --data omniglot:PATH --seed 2       handwritten characters\n" +
			"  xbm train --config runs/a/config.yaml         the run in runs/a once more\n" +
			"  mpirun -n 4 xbm train                         on four processes, each batch shared out (make build-mpi)\n" +
			"  xbm train --resume runs/a                     the rest of the run in runs/a, which was interrupted" + choices(),
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

func train(c *cli.Context, comm ranks.Comm) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.IsSet("resume") {
		return resume(c, comm)
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
	console := newConsole(c.App.ErrWriter)
	return console.train(c, comm, run.Job{
		Config: s.Config, Dir: dir, Force: c.Bool("force"),
		WithoutMemory: c.Bool("without-memory"), Baselines: c.Bool("untrained"), Keep: s.Keep,
	}, s.Loading, (*run.Session).Train)
}

// train makes a run, or goes on with one, and prints what it came to.
func (o *console) train(c *cli.Context, comm ranks.Comm, j run.Job, loading run.Loading, begin func(*run.Session, context.Context, run.Job) (record.Outcome, error)) error {
	session := o.session(loading)
	session.Comm = comm
	outcome, err := begin(session, c.Context, j)
	if err != nil {
		return howToGoOn(err, j)
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
