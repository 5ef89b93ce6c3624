package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
	"crossbatch/trainer/ablation"
	"crossbatch/trainer/run"
)

// studyFlags are those of every command that makes a study.
func studyFlags(folder string) []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Category: "Run", Name: "jobs", Usage: "runs at a time, each in a process of its own; 0: as many as processors. Makes no difference to the numbers"},
		&cli.IntFlag{Category: "Run", Name: "threads", Usage: "processor threads of each run; 0: an even share of the processors. Makes no difference to the numbers"},
		&cli.BoolFlag{Category: "Run", Name: "dry-run", Usage: "list the runs, measure a few steps, say how long it would take, and make none"},
		&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` of the study, with a folder for each run (default: runs/" + folder + " and the date and time); where the study was begun, it goes on"},
		&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the study in --out"},
		&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
	}
}

// studyRuns makes the runs of a study, several at a time.
type studyRuns struct {
	dir     string
	console *console
	jobs    int
	cellProcesses
	data    run.Loading
	keep    run.Keep
	search  ablation.Search
	command []string
}

// studyRun is one run of a study.
type studyRun struct {
	name   string // of its folder, with slashes
	title  string // for people
	config trainer.Config
	trial  bool // it must not see the test classes

	yardsticks bool // score what needs no training too
}

// newStudyRuns reads where the runs of a study of this kind are to be made, and how.
// cores is how many processors there are.
func newStudyRuns(c *cli.Context, kind string, s settings, cores int) (*studyRuns, error) {
	dir := outFolder(c, kind)
	jobs, threads := c.Int("jobs"), c.Int("threads")
	if jobs < 0 || threads < 0 {
		return nil, fmt.Errorf("jobs is %d and threads %d: give 0 (all processors) or more", jobs, threads)
	}
	if jobs == 0 {
		jobs = cores
	}
	if threads == 0 {
		threads = max(1, cores/jobs)
	}
	return &studyRuns{
		dir: dir, console: newConsole(c.App.ErrWriter), jobs: jobs, data: s.Loading, keep: s.Keep, command: os.Args,
		cellProcesses: cellProcesses{threads: threads, logs: filepath.Join(dir, studyLogs)},
	}, nil
}

// cores is how many processors the command may use.
func cores() int { return runtime.GOMAXPROCS(0) }

func (s *studyRuns) folder(r studyRun) string {
	return filepath.Join(s.dir, filepath.FromSlash(r.name))
}

// missing are the runs that are not complete.
func (s *studyRuns) missing(runs []studyRun) (missing []studyRun, err error) {
	for _, r := range runs {
		switch done, err := isComplete(s.folder(r), r.trial); {
		case err != nil:
			return nil, err
		case !done:
			missing = append(missing, r)
		}
	}
	return missing, nil
}

// images is how many images a run trains on at most, with its search.
func (s *studyRuns) images(r studyRun) int64 {
	return s.search.Images(r.config) + r.config.Steps*int64(r.config.Batch.Size)
}

func (s *studyRuns) request(r studyRun) (cellRequest, error) {
	config, err := yaml.Marshal(r.config)
	return cellRequest{
		Title: r.title, Dir: s.folder(r), Config: string(config), Data: s.data, Keep: s.keep,
		Search: s.search, Trial: r.trial, Yardsticks: r.yardsticks, Command: s.command,
	}, err
}

// make makes the runs that are missing. What came of each is told by result. One
// that fails does not stop the others; the error, after all, counts them.
func (s *studyRuns) make(ctx context.Context, runs []studyRun, result func(studyRun) (string, error)) error {
	missing, err := s.missing(runs)
	if err != nil || len(missing) == 0 {
		return err
	}
	var images []int64
	for _, r := range missing {
		images = append(images, s.images(r))
	}
	s.console.log.Info(fmt.Sprintf("%d of %d runs are to be made, %d at a time on %d threads each", len(missing), len(runs), min(s.jobs, len(missing)), s.threads))
	progress := newStudyProgress(s.console, len(runs), images)
	defer s.console.end()
	errs := ablation.Run(ctx, len(missing), s.jobs, func(ctx context.Context, i int) error {
		r := missing[i]
		progress.begin()
		request, err := s.request(r)
		if err == nil {
			_, err = s.run(ctx, r.name, request, func(e cellEvent) { progress.images(i, e.Images) })
		}
		var text string
		if err == nil {
			text, err = result(r)
		}
		if ctx.Err() == nil {
			progress.end(i, images[i], r.title, text, err)
		}
		return err
	})
	_ = os.Remove(s.logs) // unless it holds some
	return s.failures(ctx, len(runs), missing, errs)
}

// failures makes one error of those of the runs.
func (s *studyRuns) failures(ctx context.Context, runs int, made []studyRun, errs []error) error {
	failed, first := 0, ""
	for i, err := range errs {
		if err != nil {
			if failed++; failed == 1 {
				first = fmt.Sprintf("%s: %v", made[i].name, err)
			}
		}
	}
	switch {
	case failed == 0:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%d of %d runs are complete: %w: the same command with --out %s goes on", runs-failed, runs, ctx.Err(), s.dir)
	case failed == 1:
		return fmt.Errorf("1 of %d runs failed: %s", runs, first)
	}
	return fmt.Errorf("%d of %d runs failed, the first %s", failed, runs, first)
}

// check prepares one run of each kind, so that what cannot be run is refused
// before any run is made.
func (s *studyRuns) check(runs []studyRun) error {
	trial := s.console.session(s.data)
	for _, r := range runs {
		if err := trial.Check(r.config); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return trial.Close()
}
