package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// resume goes on with the run that --resume names, and with its baseline.
func resume(c *cli.Context) error {
	dir := filepath.Clean(c.String("resume"))
	for _, other := range []string{"out", "force"} {
		if c.IsSet(other) {
			return fmt.Errorf("--resume goes on in the run's own folder: leave out --%s", other)
		}
	}
	was, err := readRun(dir)
	if err != nil {
		return err
	}
	p := plan{Baseline: true, Yardsticks: true, CheckpointEvery: defaultKeep().CheckpointEvery}
	if err := record.Plan(dir, &p); err != nil {
		return err
	}
	was.keepSettings = keepSettings{p.CheckpointEvery, p.KeepCheckpoints}
	s, err := resumeSettings(c, was)
	if err != nil {
		return err
	}
	for name, planned := range map[string]*bool{"baseline": &p.Baseline, "yardsticks": &p.Yardsticks} {
		if c.IsSet(name) {
			*planned = c.Bool(name)
		}
	}
	runs := &session{dataSettings: s.dataSettings, keepSettings: s.keepSettings, yardsticks: p.Yardsticks, console: newConsole(c.App.ErrWriter)}
	defer runs.release()
	if err := runs.lock(dir); err != nil {
		return err
	}
	return runs.withBaseline(c, s.Config, dir, p.Baseline, runs.goOn)
}

// resumeSettings are those of the run with what the flags set otherwise, which
// must not make a difference to its numbers.
func resumeSettings(c *cli.Context, was settings) (settings, error) {
	s := was
	if path := c.String("config"); path != "" {
		if err := s.readFile(path); err != nil {
			return s, err
		}
	}
	for _, row := range s.list() {
		if c.IsSet(row.Key) {
			apply(c, row)
		}
	}
	if d := s.Differences(was.Config); d != "" {
		return s, fmt.Errorf("--resume goes on with a run as it is, and %s: leave that out, or start a new run", d)
	}
	return s, s.ready()
}

// goOn resumes the run in dir, begins it if it had not begun, and does nothing if
// it is complete.
func (s *session) goOn(ctx context.Context, title string, c trainer.Config, dir string) (outcome, error) {
	was, err := record.Open(dir)
	switch {
	case errors.Is(err, record.ErrNoRun):
		return s.train(ctx, title, c, dir, false)
	case err != nil:
		return outcome{}, err
	case was.Outcome != nil:
		s.console.log.Info("complete: there is nothing left to do", zap.String("run", dir), zap.Int64("steps", was.Outcome.Steps))
		return *was.Outcome, nil
	}
	if _, err := os.Stat(filepath.Join(dir, record.PlanFile)); err != nil {
		return outcome{}, fmt.Errorf("%s was made by a version without checkpoints and cannot be resumed: run it anew with --config %s", dir, filepath.Join(dir, record.ConfigFile))
	}
	if err := s.load(c); err != nil {
		return outcome{}, err
	}
	list, err := stored(dir).List()
	if err != nil {
		return outcome{}, err
	}
	from := c
	if len(list) > 0 {
		from.Network.Weights = "" // what it started from may be gone
	}
	net, err := s.network(from)
	if err != nil {
		return outcome{}, err
	}
	return s.run(ctx, title, c, dir, net, func(t *trainer.Training) (*record.Run, error) {
		run, err := s.reopen(t, dir)
		if err != nil {
			return nil, err
		}
		err = errors.Join(run.Environment(was.Environment.Resumed(record.Here(c.Seed, s.line()))), writeSplit(run, t))
		if skips, _ := was.Config["skip-bad-batches"].(bool); err == nil && skips != c.SkipBadBatches {
			err = run.Config(c)
		}
		if err != nil {
			_ = run.Close() // the error says more
			return nil, err
		}
		return run, nil
	})
}

// howToGoOn adds to an error of a run that was stopped, has diverged or could not be
// written how it goes on.
func howToGoOn(err error, dir string, c trainer.Config) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: go on with xbm train --resume %s", err, quoted(dir))
	}
	flag := ""
	switch bad := (*trainer.Diverged)(nil); {
	case errors.As(err, &bad):
		if c.SkipBadBatches {
			return err
		}
		flag = " --skip-bad-batches"
	case !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) && !errors.Is(err, syscall.EIO):
		return err
	}
	list, listErr := stored(dir).List()
	if listErr != nil || len(list) == 0 {
		return err
	}
	return fmt.Errorf("%w; the state after %d steps is kept: xbm train --resume %s%s goes on from there", err, list[0].Step, quoted(dir), flag)
}

// quoted is a path as a shell takes it.
func quoted(dir string) string {
	if strings.ContainsAny(dir, " '\"\\$`&|;()<>*?#~!") {
		return "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	return dir
}
