package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/study"
)

// studyFlags are those of every command that makes a study.
func studyFlags(folder string) []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Category: "Run", Name: "jobs", Usage: "runs at a time, each in a process of its own; 0: as many as processors. Makes no difference to the numbers"},
		&cli.IntFlag{Category: "Run", Name: "threads", Usage: "processor threads of each run; 0: an even share of the processors. Makes no difference to the numbers"},
		&cli.BoolFlag{Category: "Run", Name: "dry-run", Usage: "list the runs, measure a few steps, say how long it would take, and make none"},
		&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` of the study, with a folder for each run (default: runs/" + folder + " and the date and time); where the study was begun, it goes on, also with no other flags"},
		&cli.BoolFlag{Category: "Many machines", Name: "plan", Usage: "write the numbered list of the study's cells to --out, check it, and make none"},
		&cli.StringFlag{Category: "Many machines", Name: "cell", Usage: "make the cell of this `NUMBER`, from 1, of the plan in --out, alone; array: the number that Slurm, PBS, SGE, Kubernetes or AWS Batch gives this task"},
		&cli.BoolFlag{Category: "Many machines", Name: "wait", Usage: "with --cell: wait for the cells that it depends on"},
		&cli.StringFlag{Category: "Many machines", Name: "status", Usage: "show how the cells of the study in `FOLDER` stand, and nothing else"},
		&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the study in --out"},
		&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
	}
}

// newRunner reads where the runs of a study of this kind are to be made, and how.
// processors is how many there are.
func newRunner(c *cli.Context, kind string, s run.Settings, processors int) (*study.Runner, error) {
	jobs, threads := c.Int("jobs"), c.Int("threads")
	if jobs < 0 || threads < 0 {
		return nil, fmt.Errorf("jobs is %d and threads %d: give 0 (all processors) or more", jobs, threads)
	}
	if jobs == 0 {
		jobs = processors
	}
	if threads == 0 {
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

// ofCells does what asks for cells of a study and not for all of it; asked is false where
// nothing does.
func ofCells(c *cli.Context, kind string, processors int) (asked bool, err error) {
	if !c.IsSet("status") && !c.IsSet("cell") {
		return false, nil
	}
	s := run.DefaultSettings()
	s.Keep = run.Keep{} // the plan's
	if other := ofStudy(c); other != "" {
		return true, fmt.Errorf("the study has its own settings: leave out --%s", other)
	}
	if err := readInto(c, &s); err != nil {
		return true, err
	}
	r, err := newRunner(c, kind, s, processors)
	if err != nil {
		return true, err
	}
	if c.IsSet("status") {
		r.Dir = c.String("status")
		status, err := r.ReadStatus()
		if err != nil {
			return true, err
		}
		return true, show(c, status, status.Text())
	}
	number, err := study.ArrayCell(os.Getenv)
	if text := c.String("cell"); text != "array" {
		if number, err = strconv.Atoi(text); err != nil {
			err = fmt.Errorf("--cell is %q: give a number, or array", text)
		}
	}
	if err == nil && !c.IsSet("out") {
		err = errors.New("--cell makes a cell of a plan: give its folder to --out")
	}
	if err != nil {
		return true, err
	}
	if err := ready(s); err != nil {
		return true, err
	}
	console := newConsole(c.App.ErrWriter)
	r.Log = console.log
	err = r.MakeCell(c.Context, number, c.Bool("wait"), console.session(s.Loading))
	if errors.Is(err, study.ErrNoPlan) {
		err = fmt.Errorf("%w: xbm %s --plan --out %s makes one", err, c.Command.Name, quoted(r.Dir))
	}
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: the same command goes on", err)
	}
	return true, err
}

// ofStudy is a flag that was given and says what a study is, "" where none does: the
// others say where and how it is made.
func ofStudy(c *cli.Context) string {
	s := run.DefaultSettings()
	how := map[string]bool{}
	for _, row := range s.List() {
		how[row.Key] = row.Scope == setting.Machine
	}
	for _, f := range studyFlags("") {
		how[f.Names()[0]] = true
	}
	for _, name := range c.LocalFlagNames() {
		if !how[name] {
			return name
		}
	}
	return ""
}

// goesOn reads the study in --out where no flag says what it is.
func goesOn(c *cli.Context) (*study.Study, error) {
	if !c.IsSet("out") || c.Bool("force") || ofStudy(c) != "" {
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(c.String("out"), study.File)); err != nil {
		return nil, nil // it is a new one
	}
	s, err := study.Begun(c.String("out"))
	return &s, err
}

// printPlan prints what a plan came to.
func printPlan(c *cli.Context, dir string, p study.Plan, err error) error {
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d cells are planned in %s\n", len(p.Cells), filepath.Join(dir, study.PlanFile))
	for _, s := range p.Stages() {
		text += fmt.Sprintf("  %d to %d: %s\n", s.First, s.Last, s.Name)
	}
	word := "xbm " + c.Command.Name
	return show(c, p, text+fmt.Sprintf("Any machine that sees this folder makes one with %s --out %s --cell NUMBER,\nand %s --out %s makes what is missing, and the page. %s --status %s shows how far they are.\n",
		word, quoted(dir), word, quoted(dir), word, quoted(dir)))
}

// cores is how many processors the command may use.
func cores() int { return runtime.GOMAXPROCS(0) }

// howToGoOnWith adds to the error of a study that was stopped how it goes on.
func howToGoOnWith(err error) error {
	if stopped := (*study.Stopped)(nil); errors.As(err, &stopped) {
		return fmt.Errorf("%w: the same command with --out %s goes on", err, stopped.Dir)
	}
	return err
}

// printEstimate prints what a study would take.
func printEstimate(w io.Writer, e study.Estimate, err error) error {
	if err == nil {
		_, err = io.WriteString(w, e.Text())
	}
	return err
}
