package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
)

func exportDataCommand() *cli.Command {
	return &cli.Command{
		Name:        "export",
		Usage:       "write the images, split, batches and initial weights of a training, for other programs",
		Description: help("data-export"),
		Flags: append(settingsFlags(trainer.Default()),
			&cli.StringFlag{Category: "Output", Name: "out", Usage: "`FOLDER` for the export"},
			&cli.BoolFlag{Category: "Output", Name: "force", Usage: "replace the export in --out"},
			&cli.Int64Flag{Category: "Output", Name: "first", Usage: "batches of the first `STEPS` alone; 0: of all"},
			&cli.BoolFlag{Category: "Output", Name: "batch-images", Usage: "the images of each step too; where augmentation changes them they are there anyway"},
			&cli.BoolFlag{Category: "Output", Name: "json", Usage: "print one JSON object, and nothing else, on standard output"},
		),
		Action: exportData,
	}
}

func exportData(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s, err := readSettings(c, trainer.Default())
	if err != nil {
		return err
	}
	out := record.Folder{Path: c.String("out")}
	if out.Path == "" {
		return errors.New("give a folder for the export: --out FOLDER")
	}
	if err := errors.Join(s.Validate(), (trainer.Own{}).Check(s.Config), run.CheckExport(out.Path, c.Bool("force"))); err != nil {
		return err
	}
	e, err := newConsole(c.App.ErrWriter).session(s.Loading).Export(c.Context, s.Config, out, run.ExportOptions{Steps: c.Int64("first"), BatchImages: c.Bool("batch-images")})
	if err != nil {
		return err
	}
	return show(c, e, e.Text())
}
