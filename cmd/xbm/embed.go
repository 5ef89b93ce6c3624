package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
)

// networkKeys are the settings of a network and its data that a run has its own of:
// all that an untrained network depends on, but what is set otherwise here, or is for
// training.
func networkKeys() []string {
	s := run.DefaultSettings()
	return setting.Keys(s.List(), func(row setting.Setting) bool {
		return row.Scope == setting.Everything && !slices.Contains([]string{"data", "skip-broken", "augment"}, row.Key)
	})
}

func embedCommand() *cli.Command {
	return &cli.Command{
		Name:        "embed",
		Usage:       "write the embeddings of a data set, by a run's network or another",
		ArgsUsage:   "[RUN]",
		Description: help("embed") + dataSets(),
		Flags: append([]cli.Flag{
			&cli.StringFlag{Category: "What", Name: "part", Value: run.PartAll, Usage: "`PART` of the data: all, test, validation, train; query, gallery, where the set has these"},
			&cli.StringFlag{Category: "What", Name: "data", Usage: "data `SET`, listed above (default: the run's own)"},
			&cli.StringFlag{Category: "Run", Name: "config", Usage: "YAML `FILE` of a network and data, in place of a run; flags win", TakesFile: true},
			&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` for the files"},
			&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace embeddings in --out"},
		}, flagsOf(usual(append(networkKeys(), readingKeys()...)...))...),
		Action: embedImages,
	}
}

func embedImages(c *cli.Context) error {
	out := record.Folder{Path: c.String("out")}
	switch {
	case out.Path == "":
		return fmt.Errorf("give a folder for the embeddings: --out FOLDER")
	case c.Args().Len() > 1:
		return fmt.Errorf("%q is not expected: give one run", c.Args().Get(1))
	}
	if err := run.CheckEmbeddings(out, c.Bool("force")); err != nil {
		return err
	}
	m, err := openEncoder(c)
	if err != nil {
		return err
	}
	e, err := m.WriteEmbeddings(c.Context, c.String("part"), out)
	if err != nil {
		return err
	}
	return say(c, "%s", e.Text(out))
}

// openEncoder makes the network that embeds, and loads the data.
func openEncoder(c *cli.Context) (*run.Model, error) {
	console := newConsole(c.App.ErrWriter)
	if c.Args().Present() {
		if name := isSetAny(c, append(networkKeys(), "config")...); name != "" {
			return nil, fmt.Errorf("--%s is not for a run, which has its own: leave it out, or the run", name)
		}
		if err := threads(c); err != nil {
			return nil, err
		}
		return openRun(c, console, c.Args().First())
	}
	if isSetAny(c, "config", "data") == "" {
		return nil, fmt.Errorf("give the folder of a run, or --data (and --config or flags for the network): see %s --help", c.Command.HelpName)
	}
	config, err := readSettings(c, trainer.Default())
	if err != nil {
		return nil, err
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return console.session(config.Loading).Untrained(config.Config)
}
