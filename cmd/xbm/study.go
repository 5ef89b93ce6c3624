package main

import (
	"io"
	"os"
	"runtime"

	"github.com/urfave/cli/v2"

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

// printEstimate prints what a study would take.
func printEstimate(w io.Writer, e study.Estimate, err error) error {
	if err == nil {
		_, err = io.WriteString(w, e.Text())
	}
	return err
}
