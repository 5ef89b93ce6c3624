package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/setting/flags"
	"crossbatch/trainer/study"
)

func protocolCommand() *cli.Command {
	text := study.DefaultProtocolText()
	flags := slices.Concat(flagsOf(text.Settings()), []cli.Flag{
		&cli.GenericFlag{Category: "Protocol", Name: "search", Value: &repeated{}, Usage: "`NAME=LOW..HIGH`: a setting to search besides the parameters of the losses (default: " + study.ProtocolSearch + "); may be given again"},
	}, studyFlags("protocol"), settingsFlags(study.ProtocolDefault(), protocolOwn()...))
	return &cli.Command{
		Name:        "protocol",
		Usage:       "compare losses as A Metric Learning Reality Check does, with and without memory",
		Description: help("protocol") + choices() + "\n\nWhat is searched of each loss (log: evenly over the logarithm):\n  " + strings.Join(study.SearchedLosses(), "\n  "),
		Flags:       flags,
		Action:      protocol,
	}
}

// protocolOwn are the settings that the protocol has other flags for, or sets itself.
func protocolOwn() []string {
	text := study.DefaultProtocolText()
	return append(setting.Keys(text.Settings(), nil), "threads", "fold")
}

func protocol(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	processors := cores()
	m := machines(c)
	if m.IsOfCells() {
		return ofCells(c, "protocol", m, processors)
	}
	p, s, err := readProtocol(c)
	if err != nil {
		return err
	}
	runner, err := newRunner(c, "protocol", s, processors)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		e, err := runner.EstimateProtocol(c.Context, p)
		return printEstimate(c.App.Writer, e, err)
	}
	if m.IsElsewhere() {
		text, complete, err := runner.HandOverProtocol(c.Context, p, m)
		if err != nil || !complete {
			return errors.Join(err, say(c, "%s", text))
		}
	}
	result, err := runner.Protocol(c.Context, p)
	if err != nil {
		return err
	}
	return show(c, result, fmt.Sprintf("%s\n%d folds on %s. The study is in %s: see %s, and every reproduction in %s\n",
		result.Text, p.Folds, p.Base.Data.Set, result.Study, result.Table, result.CSV))
}

// readProtocol reads the protocol, and the settings of its runs.
func readProtocol(c *cli.Context) (p study.Protocol, s run.Settings, err error) {
	if s, err = readSettings(c, study.ProtocolDefault(), protocolOwn()...); err != nil {
		return p, s, err
	}
	if was, err := goesOn(c); err != nil || was != nil {
		if err == nil {
			p, err = was.Protocol()
		}
		return p, s, err
	}
	text := study.DefaultProtocolText()
	text.Loss = s.Loss.Spec
	flags.Apply(c, text.Settings())
	text.Search = *c.Generic("search").(*repeated)
	p, err = text.Protocol(s.Config)
	return p, s, err
}
