package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting/flags"
	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
)

// dataSets lists the data sets, for a command's description.
func dataSets() string { return "\n\nData sets:\n" + strings.TrimSuffix(sets.List("  "), "\n") }

// choices lists the data sets and losses, for a command's description.
func choices() string {
	var b strings.Builder
	b.WriteString(dataSets() + "\n")
	list := func(title string, names []string) {
		b.WriteString("\n" + title + ":\n")
		for _, name := range names {
			fmt.Fprintf(&b, "  %s\n", name)
		}
	}
	list("Losses of pairs, with the defaults of their parameters (name alone: the first)", loss.Names())
	list("Losses with class weights, which use no memory", loss.ClassNames())
	list("Miners, for losses of pairs", miner.Names())
	list("Cures of drift: rows follow the moments of the batch (xbn) or of an average of batches (axbn), or what probes have moved (sdc)", xbm.CureNames())
	return strings.TrimSuffix(b.String(), "\n")
}

// settingsFlags are the flags of all settings with these defaults, but those that the
// command uses otherwise, and --config.
func settingsFlags(d trainer.Config, otherwise ...string) []cli.Flag {
	s := run.DefaultSettings()
	s.Config = d
	config := &cli.StringFlag{Category: "Run", Name: "config", Usage: "YAML `FILE` with any of these settings by the same names; flags win", TakesFile: true}
	preset := &cli.StringFlag{Category: "Run", Name: "preset", Usage: "settings of the field by `NAME`; --config and flags win: " + run.PresetHelp()}
	return append([]cli.Flag{preset, config}, flagsOf(without(s.List(), otherwise...))...)
}

// readSettings is the defaults d, then the configuration file, then the flags but those
// that the command uses otherwise, and what suits that. The configuration is not
// validated.
func readSettings(c *cli.Context, d trainer.Config, otherwise ...string) (run.Settings, error) {
	s, err := run.Choose(d, func(s *run.Settings) error { return readInto(c, s, otherwise...) })
	if err != nil {
		return s, err
	}
	if s.Older {
		fmt.Fprintf(c.App.ErrWriter, "%s: combine: paper without enqueue is of an older version, and read as combine: both; for the paper's own way add enqueue: first\n", c.String("config"))
	}
	return s, ready(s)
}

// readInto sets what the preset says and the configuration file has, then the flags but those that the
// command uses otherwise.
func readInto(c *cli.Context, s *run.Settings, otherwise ...string) error {
	if name := c.String("preset"); name != "" {
		if err := s.Preset(name); err != nil {
			return err
		}
	}
	if path := c.String("config"); path != "" {
		if err := s.ReadFile(path); err != nil {
			return err
		}
	}
	flags.Apply(c, without(s.List(), otherwise...))
	return nil
}

// ready looks at what makes no difference to the numbers, and sets the threads.
func ready(s run.Settings) error {
	if err := s.ValidateMachine(); err != nil {
		return err
	}
	if s.Threads > 0 {
		runtime.GOMAXPROCS(s.Threads)
	}
	return nil
}
