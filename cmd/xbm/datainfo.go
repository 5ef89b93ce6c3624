package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
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
	width := 0
	for _, s := range sets.Specs() {
		width = max(width, len(s.Name))
	}
	for _, s := range sets.Specs() {
		if _, err := fmt.Fprintf(c.App.Writer, "%-*s  %s\n", width, s.Name, s.Description); err != nil {
			return err
		}
	}
	return nil
}

func dataInfo(c *cli.Context) error {
	if c.Args().Len() != 1 {
		return fmt.Errorf("%d data sets are named: give one, see %s --help", c.Args().Len(), c.Command.HelpName)
	}
	s := run.Settings{Config: trainer.Default()}
	apply(c, ofData(&s))
	s.Data.Set = c.Args().First()
	if err := errors.Join(s.Validate(), setting.Validate(s.Loading.Settings())); err != nil {
		return err
	}
	looked := newConsole(c.App.ErrWriter).session(s.Loading)
	i, err := looked.Info(s.Config)
	if err != nil {
		return err
	}
	if i.Sheet, err = sheetPath(c.String("sheet"), s.Data.Set); err != nil {
		return err
	}
	if i.Sheet != "" {
		sheet, err := looked.Sheet(s.Config, c.IsSet("augment"))
		if err != nil {
			return err
		}
		if err := record.WriteFile(i.Sheet, sheet.PNG); err != nil {
			return fmt.Errorf("contact sheet %s: %w", i.Sheet, err)
		}
	}
	return show(c, i, i.Text())
}

// sheetPath is where the sheet goes; "" for nowhere.
func sheetPath(asked, spec string) (string, error) {
	switch asked {
	case "none":
		return "", nil
	case "":
		name, _, _ := strings.Cut(spec, ":")
		asked = filepath.Join("runs", "data-"+name+".png")
		if err := os.MkdirAll("runs", 0o755); err != nil {
			return "", fmt.Errorf("contact sheet: %w", err)
		}
	}
	if _, err := os.Stat(filepath.Dir(asked)); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("contact sheet %s: there is no folder %s: make it, or name another file", asked, filepath.Dir(asked))
	}
	return asked, nil
}
