package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/setting/flags"
)

func dataCommand() *cli.Command {
	usual := run.DefaultSettings()
	flags := flagsOf(ofData(&usual))
	return &cli.Command{
		Name:  "data",
		Usage: "look at data sets",
		Subcommands: []*cli.Command{
			{
				Name:      "info",
				Usage:     "count classes and images of a data set, show its split, draw a contact sheet",
				ArgsUsage: "SET",
				Description: "With --augment the sheet has, for each of some classes, one image and then what training sees of it.\n" +
					"Augmentations, with their parameters as they are unless given:\n  " + strings.Join(augment.Names(), "\n  ") + "\n\n" +
					"Examples:\n" +
					"  xbm data info glyphs\n" +
					"  xbm data info sop:Stanford_Online_Products --image-size 224 --augment photo --sheet sop.png" + dataSets(),
				Flags: append(flags,
					&cli.StringFlag{Category: "Output", Name: "sheet", Usage: "PNG `FILE` for a contact sheet; none: no sheet (default: runs/data- and the set's name)"},
					&cli.BoolFlag{Category: "Output", Name: "json", Usage: "print one JSON object, and nothing else, on standard output"},
				),
				Action: dataInfo,
			},
			exportDataCommand(),
			{
				Name:   "list",
				Usage:  "list the data sets that can be read",
				Action: listData,
			},
		},
	}
}

func listData(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	return say(c, "%s", sets.List(""))
}

func dataInfo(c *cli.Context) error {
	if c.Args().Len() != 1 {
		return fmt.Errorf("%d data sets are named: give one, see %s --help", c.Args().Len(), c.Command.HelpName)
	}
	s := run.Settings{Config: trainer.Default()}
	flags.Apply(c, ofData(&s))
	s.Data.Set = c.Args().First()
	if err := errors.Join(s.Validate(), setting.Validate(s.Loading.Settings())); err != nil {
		return err
	}
	looked := newConsole(c.App.ErrWriter).session(s.Loading)
	i, err := looked.Info(s.Config)
	if err != nil {
		return err
	}
	if i.Sheet = c.String("sheet"); i.Sheet == "" {
		name, _, _ := strings.Cut(s.Data.Set, ":")
		i.Sheet = filepath.Join(runsFolder, "data-"+name+".png")
		if err := os.MkdirAll(runsFolder, 0o755); err != nil {
			return fmt.Errorf("contact sheet: %w", err)
		}
	}
	if i.Sheet == "none" {
		i.Sheet = ""
	} else if err := looked.WriteSheet(s.Config, c.IsSet("augment"), i.Sheet); err != nil {
		return err
	}
	return show(c, i, i.Text())
}
