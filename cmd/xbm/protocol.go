package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/study"
)

func protocolCommand() *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Category: "Protocol", Name: lossAxis, Value: study.ProtocolDefault().Loss.Spec, Usage: "`LOSSES` to compare, listed above with their parameters, separated by commas; parameters that are given are not searched"},
		&cli.StringFlag{Category: "Protocol", Name: memoryAxis, Value: "0,100%", Usage: "memory `SIZES` to compare them with, separated by commas"},
		&cli.IntFlag{Category: "Protocol", Name: "folds", Value: 4, Usage: "`FOLDS` of the cross-validation over classes"},
		&cli.IntFlag{Category: "Protocol", Name: "trials", Value: 50, Usage: "`TRIALS` of each method, each a run of every fold"},
		&cli.IntFlag{Category: "Protocol", Name: "reproductions", Value: 10, Usage: "`RUNS` of every fold with the best settings, with the seeds --seed+1, --seed+2, …"},
		&cli.GenericFlag{Category: "Protocol", Name: "search", Value: &repeated{}, Usage: "`NAME=LOW..HIGH`: a setting to search besides the parameters of the losses (default: " + study.ProtocolSearch + "); may be given again"},
	}
	flags = append(flags, studyFlags("protocol")...)
	for _, f := range settingsFlags(study.ProtocolDefault()) {
		if name := f.Names()[0]; !slices.Contains(protocolOwn(), name) {
			flags = append(flags, f)
		}
	}
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

// protocolOwn are the settings that the protocol has other flags for.
func protocolOwn() []string { return []string{lossAxis, memoryAxis, "threads", "folds", "fold"} }

func protocol(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	processors := cores()
	if asked, err := ofCells(c, "protocol", processors); asked {
		return err
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
	if c.Bool("plan") {
		plan, err := runner.PlanProtocol(c.Context, p)
		return printPlan(c, runner.Dir, plan, err)
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
	if was, err := goesOn(c); err != nil || was != nil {
		if err == nil {
			p, err = was.Protocol()
		}
		return p, s, err
	}
	losses := []string{s.Loss.Spec}
	if c.IsSet(lossAxis) {
		losses = study.ParseList(c.String(lossAxis))
	}
	// What the protocol gives does not count.
	s.Loss.Spec, s.Memory.Size, s.Data.Folds, s.Data.Fold = study.ProtocolDefault().Loss.Spec, "0", 0, 0
	p = study.Protocol{Base: s.Config, Losses: losses, Memory: study.ParseList(c.String(memoryAxis)),
		Folds: c.Int("folds"), Trials: c.Int("trials"), Reproductions: c.Int("reproductions")}
	search := *c.Generic("search").(*repeated)
	if len(search) == 0 {
		search = repeated{study.ProtocolSearch}
	}
	for _, text := range search {
		r, err := study.ParseRange(text)
		if err != nil {
			return p, s, err
		}
		p.Space = append(p.Space, r)
	}
	return p, s, nil
}
