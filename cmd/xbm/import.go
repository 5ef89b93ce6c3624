package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone/onnx"
	"crossbatch/backbone/safetensors"
	"crossbatch/eval/record"
)

func importCommand() *cli.Command {
	return &cli.Command{
		Name:        "import",
		Usage:       "take the weights out of an ONNX model, for --weights",
		ArgsUsage:   "MODEL.onnx",
		Description: help("import"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`FILE` to write"},
			&cli.BoolFlag{Name: "force", Usage: "replace the file"},
		},
		Action: importWeights,
	}
}

func importWeights(c *cli.Context) error {
	out := c.String("out")
	switch {
	case c.Args().Len() != 1:
		return fmt.Errorf("give one ONNX model: see %s --help", c.Command.HelpName)
	case out == "":
		return fmt.Errorf("give a file for the weights: --out FILE")
	}
	if err := record.CheckFree(out, c.Bool("force")); err != nil {
		return err
	}
	model, err := os.ReadFile(c.Args().First())
	if err != nil {
		return err
	}
	weights, passed, err := onnx.ReadWeights(model)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Args().First(), err)
	}
	if err := record.NewFile(out, func(w io.Writer) error { return safetensors.Write(w, weights) }); err != nil {
		return err
	}
	numbers, nameless := onnx.Count(weights)
	fmt.Fprintf(c.App.Writer, "%s: %d arrays, %d numbers; left out: %d of whole numbers\n", out, len(weights), numbers, len(passed))
	if nameless > 0 {
		fmt.Fprintf(c.App.Writer, "%d arrays have names of their exporter's (such as onnx::Conv_193), which no network here has: see %s --help\n", nameless, c.Command.HelpName)
	}
	return nil
}
