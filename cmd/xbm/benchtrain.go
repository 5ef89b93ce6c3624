package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone"
	"crossbatch/trainer/bench"
)

func benchTrainCommand() *cli.Command {
	return &cli.Command{
		Name:  "train",
		Usage: "time training steps and embedding of a network",
		Description: "A training step is forward, backward from a gradient that is given, and SGD; embedding is\n" +
			"forward alone. No loss and no data: see bench memory, and images/s of xbm train.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "backbone", Usage: "`NETWORK`, as in xbm train --help", Value: backbone.Conv4},
			&cli.StringFlag{Name: "image", Usage: "channels, height and width, as `CxHxW`", Value: "1x32x32"},
			&cli.IntFlag{Name: "width", Usage: "filters a block; 0: the network's default"},
			&cli.IntFlag{Name: "batch", Usage: "images a step", Value: 64},
			&cli.IntFlag{Name: "dim", Usage: "numbers in an embedding", Value: 128},
			&cli.DurationFlag{Name: "time", Usage: "for about how long to measure each", Value: 2 * time.Second},
			benchJSON,
		},
		Action: benchTrain,
	}
}

func benchTrain(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	channels, height, width, err := parseShape(c.String("image"))
	if err != nil {
		return fmt.Errorf("bench train: image: %w", err)
	}
	net := bench.Net{Batch: c.Int("batch"), Config: backbone.Config{
		Kind: c.String("backbone"), Channels: channels, Height: height, Width: width, Filters: c.Int("width"), Dim: c.Int("dim"),
	}}
	rows, err := net.Measure(c.Duration("time"))
	if err != nil {
		return fmt.Errorf("bench train: %w", err)
	}
	out := throughputs{json: c.Bool("json"), rows: rows}
	return out.print(c.App.Writer)
}

type throughputs struct {
	json bool
	rows []bench.Throughput
}

func (t *throughputs) print(out io.Writer) error {
	if t.json {
		for _, r := range t.rows {
			if err := json.NewEncoder(out).Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tshape\tmedian ms\tmin ms\timages/s\textra KiB\t")
	for _, r := range t.rows {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%.0f\t%.0f\t\n", r.Name, r.Shape, r.MedianMS, r.MinMS, r.Images, float64(r.ExtraBytes)/1024)
	}
	return w.Flush()
}
