package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/trainer/run"
)

func exportCommand() *cli.Command {
	return &cli.Command{
		Name:        "export",
		Usage:       "write a run's network as an ONNX model, for other programs",
		ArgsUsage:   "RUN",
		Description: help("export"),
		Flags: append([]cli.Flag{
			&cli.StringFlag{Category: "Model", Name: "onnx", Usage: "`FILE` to write"},
			&cli.BoolFlag{Category: "Model", Name: "with-preprocessing", Usage: "take the bytes of pictures of the network's size"},
			&cli.BoolFlag{Category: "Model", Name: "fold", Usage: "take batch normalisation into the convolutions before it; then xbm import has no published names to find"},
			&cli.BoolFlag{Category: "Model", Name: "half", Usage: "store weights in half precision: half the size, embeddings differ in the second or third digit; arithmetic stays in float32"},
			&cli.BoolFlag{Category: "Model", Name: "force", Usage: "replace the file"},
			&cli.StringFlag{Category: "Data", Name: "data", Usage: "data `SET` of images like the run's, for their size and channels (default: the run's own)"},
		}, flagsOf(usual(readingKeys()...))...),
		Action: export,
	}
}

func export(c *cli.Context) error {
	path := c.String("onnx")
	switch {
	case c.Args().Len() != 1:
		return fmt.Errorf("give the folder of one run: see %s --help", c.Command.HelpName)
	case path == "":
		return fmt.Errorf("give a file for the model: --onnx FILE")
	}
	if err := record.CheckFree(path, c.Bool("force")); err != nil {
		return err
	}
	m, err := openRun(c, newConsole(c.App.ErrWriter), c.Args().First())
	if err != nil {
		return err
	}
	text, err := m.WriteONNX(path, run.ExportONNX{Preprocessing: c.Bool("with-preprocessing"), Fold: c.Bool("fold"), Half: c.Bool("half")})
	if err != nil {
		return err
	}
	return say(c, "%s", text)
}
