package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone/onnx"
	"crossbatch/eval/record"
)

func exportCommand() *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write a run's network as an ONNX model, for other programs",
		ArgsUsage: "RUN",
		Description: "Writes the network of a run, as it was scored, with its head and to embeddings of length 1,\n" +
			"as one file that onnxruntime and others read (opset 17). Input and output are\n" +
			"  " + onnx.Images + "      float32, batch × channels × height × width, (v/255 - mean) / deviation\n" +
			"  " + onnx.Pixels + "      with --with-preprocessing, in its place: uint8, batch × height × width × channels\n" +
			"  " + onnx.Embeddings + "  float32, batch × dim\n" +
			"for a batch of any size. Size, mean, deviation, the order of channels, how pictures are resized and\n" +
			"the SHA-256 of the run's " + record.WeightsFile + " are in the model's metadata; nothing of the\n" +
			"training classes is. Resizing is the caller's: its result depends on the library that does it.\n\n" +
			"Examples:\n" +
			"  xbm export runs/a --onnx model.onnx\n" +
			"  xbm export runs/a --onnx model.onnx --with-preprocessing --fold --half\n" +
			"  xbm export runs/a --onnx model.onnx --data folder:FEW   where the run's data is no longer\n\n" +
			"In Python:\n" +
			"  session = onnxruntime.InferenceSession(\"model.onnx\")\n" +
			"  embeddings, = session.run(None, {\"" + onnx.Images + "\": images})\n" +
			"  session.get_modelmeta().custom_metadata_map   # mean, deviation, …",
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
	opened, err := openRun(c, newConsole(c.App.ErrWriter), c.Args().First())
	if err != nil {
		return err
	}
	m, err := opened.ONNX()
	if err != nil {
		return err
	}
	m.Preprocessing, m.Fold, m.Half = c.Bool("with-preprocessing"), c.Bool("fold"), c.Bool("half")
	if m.Preprocessing && m.Mean == nil {
		return fmt.Errorf("--with-preprocessing is for images, and %s holds numbers of another model: leave it out", opened.Config.Data.Set)
	}
	if err := record.NewFile(path, m.Write); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	input := onnx.Images
	if m.Preprocessing {
		input = onnx.Pixels
	}
	return say(c, "%s: %.1f MB, %s → %s of %d numbers, for a batch of any size\n", path, float64(info.Size())/1e6, input, onnx.Embeddings, opened.Net.Dim())
}
