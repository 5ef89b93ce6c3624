package study

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"go.uber.org/zap"
	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
	"crossbatch/trainer/run"
	"crossbatch/trainer/study/claim"
)

// Runner makes the runs of a study in a folder, several at a time. Dir is needed, the rest is
// optional. If a study was stopped, the same call continues it: it makes the missing runs and
// no others. A Runner makes one study at a time. Several runners, also on several machines
// that share the folder, divide the runs among them.
type Runner struct {
	Dir     string // of the study, with a folder for each run
	Force   bool   // replace another study in Dir
	Jobs    int    // runs at a time; 0: as many as processors
	Threads int    // of the process of each run; 0: an even share of the processors

	// Cell is the command line of a process that makes one run with [ServeCell]. A process
	// that crashes does not affect the other runs. nil: the runs are made in this process.
	Cell []string

	Loading run.Loading
	Keep    run.Keep
	Command []string // command line that is recorded with the runs; nil: this process's

	// Beat is the time between two heartbeats for other processes that work on the study, also
	// on other machines; 0: ten seconds. It must be the same for all.
	Beat time.Duration

	Log      *zap.Logger  // nil: no log
	Progress Progress     // nil: none
	Showing  run.Progress // of the work in this process before the runs
}

// Progress is told of the progress of a study. Several goroutines call its methods at once.
type Progress interface {
	// Begin reports the number of runs in all, and the number of images of each run still to
	// be made.
	Begin(runs int, images []int64)
	// RunBegins reports that one of them begins.
	RunBegins()
	// Trained reports the number of images that run i has trained on so far.
	Trained(i int, images int64)
	// RunEnds reports the result of run i, as one line, or its error.
	RunEnds(i int, images int64, title, result string, err error)
	// End reports that the study has ended.
	End()
}

// unseen is where nobody looks.
type unseen struct{}

func (unseen) Begin(int, []int64)                        {}
func (unseen) RunBegins()                                {}
func (unseen) Trained(int, int64)                        {}
func (unseen) RunEnds(int, int64, string, string, error) {}
func (unseen) End()                                      {}

// oneRun is one run of a study.
type oneRun struct {
	name   string // of its folder, with slashes
	title  string // for people
	config trainer.Config
	trial  bool // it must not see the test classes

	baselines bool // score what needs no training too
	search    Search
	searched  bool // its trials are runs of their own, in stages before
	idle      bool // there is nothing to do in its place
}

func (r *Runner) validate() error {
	if r.Jobs < 0 || r.Threads < 0 {
		return fmt.Errorf("jobs is %d and threads %d: give 0 (all processors) or more", r.Jobs, r.Threads)
	}
	return nil
}

func (r *Runner) jobs() int {
	if r.Jobs > 0 {
		return r.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

func (r *Runner) threads() int {
	if r.Threads > 0 {
		return r.Threads
	}
	return max(1, runtime.GOMAXPROCS(0)/r.jobs())
}

func (r *Runner) log() *zap.Logger {
	if r.Log == nil {
		return zap.NewNop()
	}
	return r.Log
}

func (r *Runner) progress() Progress {
	if r.Progress == nil {
		return unseen{}
	}
	return r.Progress
}

// claims are those of the study's runs.
func (r *Runner) claims() claim.Folder {
	return claim.Folder{Path: filepath.Join(r.Dir, claimsFolder), Beat: r.Beat}
}

// logs is the folder of what the processes tell.
func (r *Runner) logs() string { return filepath.Join(r.Dir, studyLogs) }

// session is one for what is done in this process.
func (r *Runner) session() *run.Session {
	return &run.Session{Loading: r.Loading, Log: r.Log, Progress: r.Showing, Command: r.Command}
}

func (r *Runner) folder(o oneRun) string { return filepath.Join(r.Dir, filepath.FromSlash(o.name)) }

// missing are the runs that are not complete.
func (r *Runner) missing(runs []oneRun) (missing []oneRun, err error) {
	for _, o := range runs {
		switch done, err := r.isDone(o); {
		case err != nil:
			return nil, err
		case !done:
			missing = append(missing, o)
		}
	}
	return missing, nil
}

// isDone tells whether a run is complete.
func (r *Runner) isDone(o oneRun) (bool, error) {
	if o.idle {
		return true, nil
	}
	return isComplete(r.folder(o), o.trial)
}

// images is how many images a run trains on at most, with its search.
func (o oneRun) images() int64 {
	images := o.config.Steps * int64(o.config.Batch.Size)
	if !o.searched {
		images += o.search.Images(o.config)
	}
	return images
}

func (r *Runner) request(o oneRun) (request, error) {
	config, err := yaml.Marshal(o.config)
	return request{
		Title: o.title, Name: o.name, Claims: r.claims(), Dir: r.folder(o), Config: string(config), Loading: r.Loading, Keep: r.Keep,
		Search: o.search, Trial: o.trial, Baselines: o.baselines, Command: r.Command,
	}, err
}

// run does what is requested, in a process or in this one, and returns the last event.
func (r *Runner) run(ctx context.Context, name string, asked request, tell func(event)) (last event, err error) {
	if r.Cell != nil {
		return r.process(ctx, name, asked, tell)
	}
	s := &run.Session{}
	err = asked.serve(ctx, s, func(e event) error {
		if last = e; tell != nil {
			tell(e)
		}
		return nil
	})
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	return last, err
}

// Stopped is the error of a study that was stopped. The same call in the same folder continues
// it.
type Stopped struct {
	Dir            string // of the study
	Complete, Runs int    // of the runs
	Err            error  // of the context
}

// Error says how many runs are complete.
func (s *Stopped) Error() string {
	return fmt.Sprintf("%d of %d runs are complete: %v: the same command with --out %s goes on", s.Complete, s.Runs, s.Err, s.Dir)
}

// Unwrap returns the context's error.
func (s *Stopped) Unwrap() error { return s.Err }

// failures makes one error of those of the runs.
func (r *Runner) failures(ctx context.Context, runs int, made []oneRun, errs []error) error {
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
		return &Stopped{Dir: r.Dir, Complete: runs - failed, Runs: runs, Err: ctx.Err()}
	case failed == 1:
		return fmt.Errorf("1 of %d runs failed: %s", runs, first)
	}
	return fmt.Errorf("%d of %d runs failed, the first %s", failed, runs, first)
}

// check prepares one run of each kind, so that what cannot be run is refused
// before any run is made.
func (r *Runner) check(runs []oneRun) error {
	trial := r.session()
	for _, o := range runs {
		if err := trial.Check(o.config); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return trial.Close()
}
