package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer"
	"crossbatch/trainer/ranks"
	"crossbatch/trainer/run"
)

// resume goes on with the run that --resume names, and with its baseline.
func resume(c *cli.Context, comm ranks.Comm) error {
	dir := filepath.Clean(c.String("resume"))
	for _, other := range []string{"out", "force"} {
		if c.IsSet(other) {
			return fmt.Errorf("--resume goes on in the run's own folder: leave out --%s", other)
		}
	}
	j, err := run.Open(dir)
	if err != nil {
		return err
	}
	was := run.DefaultSettings()
	was.Config, was.Keep = j.Config, j.Keep
	s, err := resumeSettings(c, was)
	if err != nil {
		return err
	}
	j.Config, j.Keep = s.Config, s.Keep
	for name, planned := range map[string]*bool{"without-memory": &j.WithoutMemory, "untrained": &j.Baselines} {
		if c.IsSet(name) {
			*planned = c.Bool(name)
		}
	}
	return newConsole(c.App.ErrWriter).train(c, comm, j, s.Loading, (*run.Session).Resume)
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

// howToGoOn adds to an error of a run that was stopped, has diverged or could not be
// written how it goes on.
func howToGoOn(err error, j run.Job) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: go on with xbm train --resume %s", err, quoted(j.Dir))
	}
	if kept := (*run.Unscored)(nil); errors.As(err, &kept) {
		return fmt.Errorf("%w: xbm eval %s and xbm embed %s take it as it is, xbm train --resume %s makes them", err, quoted(kept.Dir), quoted(kept.Dir), quoted(j.Dir))
	}
	flag := ""
	switch bad := (*trainer.Diverged)(nil); {
	case errors.As(err, &bad):
		if j.Config.SkipBadBatches {
			return err
		}
		flag = " --skip-bad-batches"
	case !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) && !errors.Is(err, syscall.EIO):
		return err
	}
	list, listErr := run.Checkpoints(j.Dir).List()
	if listErr != nil || len(list) == 0 {
		return err
	}
	return fmt.Errorf("%w; the state after %d steps is kept: xbm train --resume %s%s goes on from there", err, list[0].Step, quoted(j.Dir), flag)
}

// quoted is a path as a shell takes it.
func quoted(dir string) string {
	if strings.ContainsAny(dir, " '\"\\$`&|;()<>*?#~!") {
		return "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	return dir
}
