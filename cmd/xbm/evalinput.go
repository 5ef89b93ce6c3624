package main

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/trainer/data/features"
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
func evaluateRun(c *cli.Context, console *console, how eval.Retrieval, most float64) (evaluation, run.Scored, error) {
	if name := isSetAny(c, "labels", "query", "query-labels"); name != "" {
		return evaluation{}, run.Scored{}, fmt.Errorf("--%s goes with --embeddings, not with a run", name)
	}
	dir := c.Args().First()
	m, err := openRun(c, console, dir)
	if err != nil {
		return evaluation{}, run.Scored{}, err
	}
	e := evaluation{Run: dir, Data: m.Config.Data.Set, Part: c.String("part"), own: c.String("data") == ""}
	result, err := m.Score(c.Context, e.Part, how, most)
	e.Evaluation = result.Evaluation
	return e, result, err
}

// evaluateFiles evaluates embeddings from files.
func evaluateFiles(c *cli.Context, console *console, how eval.Retrieval, most float64) (evaluation, error) {
	e := evaluation{Embeddings: c.String("embeddings"), QueryEmbeddings: c.String("query")}
	if c.Args().Present() {
		return e, fmt.Errorf("%q is not expected: give a run or --embeddings, not both", c.Args().First())
	}
	if name := isSetAny(c, "part", "data", "skip-broken", "cache", "cache-memory"); name != "" {
		return e, fmt.Errorf("--%s goes with a run, not with --embeddings", name)
	}
	names := map[string]int32{}
	read := func(file, labels, flag string) ([]float32, []int32, int, error) {
		if labels == "" {
			return nil, nil, 0, fmt.Errorf("%s has no labels: give them by --%s", file, flag)
		}
		x, rows, dim, err := features.ReadMatrix(file)
		if err != nil {
			return nil, nil, 0, err
		}
		classes, err := features.ReadLabels(labels)
		if err != nil {
			return nil, nil, 0, err
		}
		if len(classes) != rows {
			return nil, nil, 0, fmt.Errorf("%s has %d rows and %s %d labels: give one for each", file, rows, labels, len(classes))
		}
		numbers := make([]int32, rows)
		for i, name := range classes {
			if _, known := names[name]; !known {
				names[name] = int32(len(names))
			}
			numbers[i] = names[name]
		}
		return x, numbers, dim, nil
	}
	var err error
	if how.Queries, how.QueryLabels, how.Dim, err = read(e.Embeddings, c.String("labels"), "labels"); err != nil {
		return e, err
	}
	if e.QueryEmbeddings != "" {
		dim := how.Dim
		how.Gallery, how.GalleryLabels = how.Queries, how.QueryLabels
		if how.Queries, how.QueryLabels, how.Dim, err = read(e.QueryEmbeddings, c.String("query-labels"), "query-labels"); err != nil {
			return e, err
		}
		if dim != how.Dim {
			return e, fmt.Errorf("%s has rows of %d numbers and %s of %d: give embeddings of one model", e.Embeddings, dim, e.QueryEmbeddings, how.Dim)
		}
	} else if c.IsSet("query-labels") {
		return e, fmt.Errorf("--query-labels goes with --query")
	}
	if how.Ranks == nil {
		how.Ranks = []int{1, 2, 4, 8}
	}
	e.Evaluation, err = console.session(run.Loading{}).Evaluate(c.Context, how, most)
	if err != nil {
		return e, fmt.Errorf("%s: %w", e.Embeddings, err)
	}
	return e, nil
}
