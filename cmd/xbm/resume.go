package main

import (
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
)

// resume is the rest of the run that --resume names, and of its baseline.
func resume(c *cli.Context) (j run.Job, loading run.Loading, err error) {
	if err := noArguments(c); err != nil {
		return j, loading, err
	}
	dir := filepath.Clean(c.String("resume"))
	for _, other := range []string{"out", "force"} {
		if c.IsSet(other) {
			return j, loading, fmt.Errorf("--resume goes on in the run's own folder: leave out --%s", other)
		}
	}
	if j, err = run.Open(dir); err != nil {
		return j, loading, err
	}
	was := run.DefaultSettings()
	was.Config, was.Keep = j.Config, j.Keep
	s, err := resumeSettings(c, was)
	if err != nil {
		return j, loading, err
	}
	j.Config, j.Keep = s.Config, s.Keep
	for name, planned := range map[string]*bool{"without-memory": &j.WithoutMemory, "untrained": &j.Baselines} {
		if c.IsSet(name) {
			*planned = c.Bool(name)
		}
	}
	return j, s.Loading, nil
}

// resumeSettings are those of the run with what the flags set otherwise, which
// must not make a difference to its numbers.
func resumeSettings(c *cli.Context, was run.Settings) (run.Settings, error) {
	s := was
	if err := readInto(c, &s); err != nil {
		return s, err
	}
	if d := s.Differences(was.Config); d != "" {
		return s, fmt.Errorf("--resume goes on with a run as it is, and %s: leave that out, or start a new run", d)
	}
	return s, ready(s)
}
