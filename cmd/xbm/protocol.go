package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer"
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
		Action:      protocol().action,
	}
}

// protocolOwn are the settings that the protocol has other flags for, or sets itself.
func protocolOwn() []string {
	text := study.DefaultProtocolText()
	return append(setting.Keys(text.Settings(), nil), "threads", "fold")
}

func protocol() studyOf[study.Protocol] {
	return studyOf[study.Protocol]{
		folder: "protocol", defaults: study.ProtocolDefault(), own: protocolOwn(), begun: study.Study.Protocol, read: readProtocol,
		estimate: (*study.Runner).EstimateProtocol, handOver: (*study.Runner).HandOverProtocol, make: makeProtocol,
	}
}

// makeProtocol makes the runs of a protocol, and prints what they came to.
func makeProtocol(c *cli.Context, r *study.Runner, p study.Protocol) error {
	result, err := r.Protocol(c.Context, p)
	if err != nil {
		return err
	}
	return show(c, result, fmt.Sprintf("%s\n%d folds on %s. The study is in %s: see %s, and every reproduction in %s\n",
		result.Text, p.Folds, p.Base.Data.Set, result.Study, result.Table, result.CSV))
}

// readProtocol reads the protocol that flags describe, of runs with the settings of base.
func readProtocol(c *cli.Context, base trainer.Config) (study.Protocol, error) {
	text := study.DefaultProtocolText()
	text.Loss = base.Loss.Spec
	flags.Apply(c, text.Settings())
	text.Search = *c.Generic("search").(*repeated)
	return text.Protocol(base)
}
