package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/study"
)

func protocolCommand() *cli.Command {
	text := study.DefaultProtocolText()
	flags := slices.Concat(flagsOf(text.Settings()), []cli.Flag{
		&cli.GenericFlag{Category: "Protocol", Name: "search", Value: &repeated{}, Usage: "`NAME=LOW..HIGH`: a setting to search besides the parameters of the losses (default: " + study.ProtocolSearch + "); may be given again"},
	}, studyFlags("protocol"), settingsFlags(study.ProtocolDefault(), protocolOwn()...))
	return &cli.Command{
		Name:  "protocol",
		Usage: "compare losses as A Metric Learning Reality Check does, with and without memory",
		Description: "The protocol of Musgrave, Belongie and Lim (ECCV 2020, https://arxiv.org/abs/2003.08505): half of the\n" +
			"classes are the test. The other half is cut into folds; every trial of a method's settings trains\n" +
			"once for each, until its validation classes get no better, and the settings with the best mean\n" +
			"MAP@R on them are taken. These are trained anew some times, and only then the test classes are\n" +
			"looked at: by each fold's network (separated), and by all of them together, their unit embeddings\n" +
			"end to end (concatenated). Intervals are those of the reproductions, at 95 % by Student's t.\n\n" +
			"Unlike the paper, trials are drawn at random, not by Bayesian optimisation, and the learning rate is\n" +
			"among what is searched.\n\n" +
			"Whatever stops it, the same command with --out goes on. Losses, memory sizes and reproductions may\n" +
			"be added; with any other change --out is refused. Examples:\n" +
			"  xbm protocol --dry-run                                  what would be run, and how long it takes\n" +
			"  xbm protocol --loss contrastive,multi-similarity,triplet --trials 20 --out runs/protocol\n" +
			"  xbm protocol --data omniglot:PATH --class-order shuffled" + choices() +
			"\n\nWhat is searched of each loss (log: evenly over the logarithm):\n  " + strings.Join(study.SearchedLosses(), "\n  "),
		Flags:  flags,
		Action: protocol,
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
	result, err := runner.Protocol(c.Context, p)
	if err != nil {
		return howToGoOnWith(err)
	}
	return show(c, result, fmt.Sprintf("%s\n%d folds on %s. The study is in %s: see %s, and every reproduction in %s\n",
		result.Text, p.Folds, p.Base.Data.Set, result.Study, result.Table, result.CSV))
}

// readProtocol reads the protocol, and the settings of its runs.
func readProtocol(c *cli.Context) (p study.Protocol, s run.Settings, err error) {
	if s, err = readSettings(c, study.ProtocolDefault(), protocolOwn()...); err != nil {
		return p, s, err
	}
	text := study.DefaultProtocolText()
	text.Loss = s.Loss.Spec
	apply(c, text.Settings())
	text.Search = *c.Generic("search").(*repeated)
	p, err = text.Protocol(s.Config)
	return p, s, err
}
