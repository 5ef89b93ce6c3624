package main

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/trainer/embedded"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
)

// readingKeys are the settings of how a run's data is read when it is looked at again.
func readingKeys() []string { return []string{"skip-broken", "cache", "cache-memory", "threads"} }

// threads sets the number of threads that a command was given.
func threads(c *cli.Context) error {
	n := c.Int("threads")
	if n < 0 {
		return fmt.Errorf("threads is %d: give 0 (all) or more", n)
	}
	if n > 0 {
		runtime.GOMAXPROCS(n)
	}
	return nil
}

// openRun opens a run for a command: its configuration, but with the data set and
// the ways to read it that flags say, and its network for that.
func openRun(c *cli.Context, console *console, dir string) (*run.Model, error) {
	config := defaults()
	var err error
	if config.Config, err = run.Read(dir); err != nil {
		return nil, err
	}
	for _, row := range config.some(readingKeys()...) {
		if c.IsSet(row.Key) {
			apply(c, row)
		}
	}
	if spec := c.String("data"); spec != "" && spec != config.Data.Set { // whose classes are others
		config.Data.Set, config.Data.TrainClasses = spec, 0
	}
	if err := setting.Validate(config.Loading.Settings()); err != nil {
		return nil, err
	}
	return console.session(config.Loading).Saved(dir, config.Config)
}

// evaluateRun evaluates a part of a run's data, or of another set.
func evaluateRun(c *cli.Context, h how) (evaluation, run.Scored, error) {
	m, e, err := openEvaluated(c, h)
	if err != nil {
		return e, run.Scored{}, err
	}
	e.Part = c.String("part")
	result, err := m.Score(c.Context, e.Part, h.Retrieval, h.most)
	e.Evaluation = result.Evaluation
	if err == nil && h.draws > 0 {
		var d eval.Draws
		d, err = result.Draws(h.draws)
		e.Draws = &d
	}
	if err == nil && c.Bool("verification") {
		var v run.Verification
		v, err = m.Verify(c.Context, e.Part, h.task)
		e.Verification = &v
	}
	return e, result, err
}

// openEvaluated opens the run that is evaluated.
func openEvaluated(c *cli.Context, h how) (*run.Model, evaluation, error) {
	if name := isSetAny(c, "labels", "query", "query-labels", "cameras", "query-cameras", "multi-label"); name != "" {
		return nil, evaluation{}, fmt.Errorf("--%s goes with --embeddings, not with a run", name)
	}
	dir := c.Args().First()
	m, err := openRun(c, h.console, dir)
	if err != nil {
		return nil, evaluation{}, err
	}
	return m, evaluation{Run: dir, Data: m.Config.Data.Set, own: c.String("data") == ""}, nil
}

// readFiles reads which files are evaluated.
func readFiles(c *cli.Context) (embedded.Files, error) {
	if name := isSetAny(c, "part", "data", "skip-broken", "cache", "cache-memory"); name != "" {
		return embedded.Files{}, fmt.Errorf("--%s goes with a run, not with --embeddings", name)
	}
	return embedded.Files{
		Embeddings: c.String("embeddings"), Labels: c.String("labels"), Query: c.String("query"), QueryLabels: c.String("query-labels"),
		Cameras: c.String("cameras"), QueryCameras: c.String("query-cameras"), SeveralLabels: c.Bool("multi-label"),
	}, nil
}

// evaluateFiles evaluates embeddings from files.
func evaluateFiles(c *cli.Context, h how) (evaluation, error) {
	files, err := readFiles(c)
	e := evaluation{Embeddings: files.Embeddings, QueryEmbeddings: files.Query}
	if err != nil {
		return e, err
	}
	r, err := files.Retrieval()
	if err != nil {
		return e, err
	}
	r.Distance, r.Ranks, r.Full, r.ClassMeans, r.Resamples, r.Seed = h.Distance, h.Ranks, h.Full, h.ClassMeans, h.Resamples, h.Seed
	if r.Ranks == nil {
		if r.Ranks = []int{1, 2, 4, 8}; r.QueryCameras != nil {
			r.Ranks = []int{1, 5, 10, 20}
		}
	}
	session := h.console.session(run.Loading{})
	if e.Evaluation, err = session.Evaluate(c.Context, r, h.most); err == nil && h.draws > 0 {
		var d eval.Draws
		d, err = r.Draws(h.draws)
		e.Draws = &d
	}
	if err == nil && c.Bool("verification") {
		if files.Query != "" || r.QuerySets != nil || r.Junk != nil {
			return e, errors.New("--verification goes with embeddings of one label a row, all known, and no queries: give those, or --pairs")
		}
		h.task.Dim, h.task.Embeddings, h.task.Labels = r.Dim, r.Queries, r.QueryLabels
		e.Verification = &run.Verification{}
		e.Verification.Scores, err = session.Tell(c.Context, h.task)
	}
	if err != nil {
		return e, fmt.Errorf("%s: %w", e.Embeddings, err)
	}
	return e, nil
}
