package main

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer"
	"crossbatch/trainer/mpi"
	"crossbatch/trainer/run"
	"crossbatch/trainer/study"
)

// studyFlags are those of every command that makes a study.
func studyFlags(folder string) []cli.Flag {
	var m study.Machines
	return append(flagsOf(m.Settings()),
		&cli.GenericFlag{Category: "Many machines", Name: "sbatch", Value: &repeated{}, Usage: "with --slurm: another `OPTION` of sbatch, such as --sbatch=--partition=long; may be given again"},
		&cli.IntFlag{Category: "Run", Name: "jobs", Usage: "runs at a time, each in a process of its own; 0: as many as processors. Makes no difference to the numbers"},
		&cli.IntFlag{Category: "Run", Name: "threads", Usage: "processor threads of each run; 0: an even share of the processors. Makes no difference to the numbers"},
		&cli.BoolFlag{Category: "Run", Name: "dry-run", Usage: "list the runs, measure a few steps, say how long it would take, and make none"},
		&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` of the study, with a folder for each run (default: runs/" + folder + " and the date and time); where the study was begun, it goes on, also with no other flags"},
		&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the study in --out"},
		&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
	)
}

// studyOf is how a command makes its kind of study, an S.
type studyOf[S any] struct {
	folder   string                                        // begins the name of a study's folder
	defaults trainer.Config                                // of its runs
	own      []string                                      // settings that the command uses otherwise
	begun    func(study.Study) (S, error)                  // the study that is in --out
	read     func(*cli.Context, trainer.Config) (S, error) // the study that flags describe
	estimate func(*study.Runner, context.Context, S) (study.Estimate, error)
	handOver func(*study.Runner, context.Context, S, study.Machines) (text string, complete bool, err error)
	make     func(*cli.Context, *study.Runner, S) error
}

// action is that of the command.
func (k studyOf[S]) action(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	processors := cores()
	m := machines(c)
	if m.IsOfCells() {
		return ofCells(c, k.folder, m, processors)
	}
	if err := mpi.CheckStudy(); err != nil {
		return err
	}
	what, s, err := k.settings(c)
	if err != nil {
		return err
	}
	runner, err := newRunner(c, k.folder, s, processors)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		e, err := k.estimate(runner, c.Context, what)
		if err != nil {
			return err
		}
		return say(c, "%s", e.Text())
	}
	if m.IsElsewhere() {
		text, complete, err := k.handOver(runner, c.Context, what, m)
		if err != nil || !complete {
			return errors.Join(err, say(c, "%s", text))
		}
	}
	return k.make(c, runner, what)
}

// settings reads the study, and the settings of its runs.
func (k studyOf[S]) settings(c *cli.Context) (what S, s run.Settings, err error) {
	if s, err = readSettings(c, k.defaults, k.own...); err != nil {
		return what, s, err
	}
	switch was, begunErr := goesOn(c); {
	case begunErr != nil:
		err = begunErr
	case was != nil:
		what, err = k.begun(*was)
	default:
		what, err = k.read(c, s.Config)
	}
	return what, s, err
}

// newRunner reads where the runs of a study of this kind are to be made, and how.
// processors is how many there are.
func newRunner(c *cli.Context, kind string, s run.Settings, processors int) (*study.Runner, error) {
	jobs, threads := c.Int("jobs"), c.Int("threads")
	if jobs == 0 {
		jobs = processors
	}
	if threads == 0 && jobs > 0 {
		threads = max(1, processors/jobs)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	console := newConsole(c.App.ErrWriter)
	return &study.Runner{
		Dir: outFolder(c, kind), Force: c.Bool("force"), Jobs: jobs, Threads: threads, Cell: []string{self, "cell"},
		Loading: s.Loading, Keep: s.Keep, Command: os.Args,
		Log: console.log, Progress: console.Study(), Showing: console.session(s.Loading).Progress,
	}, nil
}

// cores is how many processors the command may use.
func cores() int { return runtime.GOMAXPROCS(0) }
