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
		Name:  "export",
		Usage: "write the images, split, batches and initial weights of a training, for other programs",
		Description: "Takes the settings of xbm train and writes to a folder what that training would see, and trains on\n" +
			"nothing: " + run.ArraysFile + " (images as the network sees them, labels, parts, the images of each step),\n" +
			run.InitialFile + " (the network before the first step), " + record.ConfigFile + " and " + record.SplitFile + ". NumPy reads it\n" +
			"alone; the arrays are described in trainer/data/README.md. The same settings give the same bytes.\n\n" +
			"Examples:\n" +
			"  xbm data export --out e                        what xbm train would see\n" +
			"  xbm data export --config runs/a/config.yaml --out e\n" +
			"  xbm data export --data cub:PATH --first 20 --out e   the first 20 steps alone\n\n" +
			"In Python:\n" +
			"  e = numpy.load(\"e/" + run.ArraysFile + "\")\n" +
			"  for i in e[\"batches\"]: step(e[\"images\"][i], e[\"train_labels\"][i])",
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
