package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone"
	"crossbatch/trainer/bench"
)

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:  "bench",
		Usage: "measure how fast this machine does the heavy parts",
		Description: "Each measurement stands beside the peak: what the same cores reach in the innermost loop of\n" +
			"a matrix product, measured in turns with it. Only products that the method cannot do without\n" +
			"are counted, so that work that is saved shows as speed.",
		Subcommands: []*cli.Command{benchMemoryCommand(), benchTrainCommand(), benchEvalCommand(), benchGemmCommand()},
	}
}

var benchJSON = &cli.BoolFlag{Name: "json", Usage: "print one JSON object a line instead of the table"}

// measure prints what is measured: JSON as it comes, a table at the end.
func measure[T any](c *cli.Context, measured func(told func(T) error) error, table func(io.Writer, []T) error) error {
	if err := noArguments(c); err != nil {
		return err
	}
	var rows []T
	err := measured(func(row T) error {
		rows = append(rows, row)
		if c.Bool("json") {
			return json.NewEncoder(c.App.Writer).Encode(row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("bench %s: %w", c.Command.Name, err)
	}
	if c.Bool("json") {
		return nil
	}
	return table(c.App.Writer, rows)
}

func benchEvalCommand() *cli.Command {
	return &cli.Command{
		Name:  "eval",
		Usage: "time the search for nearest neighbours",
		Description: "Exact search of random unit rows among themselves, each row's k nearest others in order, as\n" +
			"recall@k, R-precision and MAP@R take it. Counted are 2·rows²·dim FLOP.",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "rows", Usage: "embeddings", Value: 60502},
			&cli.IntFlag{Name: "dim", Usage: "numbers in an embedding", Value: 128},
			&cli.IntSliceFlag{Name: "k", Usage: "`NEIGHBOURS` of each; may be given again", Value: cli.NewIntSlice(11, 1001)},
			&cli.DurationFlag{Name: "time", Usage: "for about how long to measure each; at least three times", Value: 2 * time.Second},
			benchJSON,
		},
		Action: func(c *cli.Context) error {
			return measure(c, func(told func(bench.Measurement) error) error {
				for _, k := range c.IntSlice("k") {
					b, err := bench.Search(c.Int("rows"), c.Int("dim"), k, c.Duration("time"))
					if err != nil {
						return err
					}
					if err := told(b); err != nil {
						return err
					}
				}
				return nil
			}, bench.WriteMeasurements)
		},
	}
}

func benchGemmCommand() *cli.Command {
	return &cli.Command{
		Name:  "gemm",
		Usage: "time matrix products, and the peak",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "shape", Usage: "rows×inner×columns, as `MxKxN`; may be given again", Value: cli.NewStringSlice("1024x1024x1024", "64x128x59551", "64x59551x128")},
			&cli.DurationFlag{Name: "time", Usage: "for about how long to measure each", Value: 2 * time.Second},
			benchJSON,
		},
		Action: func(c *cli.Context) error {
			return measure(c, func(told func(bench.Measurement) error) error {
				for _, text := range c.StringSlice("shape") {
					size, err := bench.ParseShape(text)
					if err != nil {
						return err
					}
					b, err := bench.Gemm(size[0], size[1], size[2], c.Duration("time"))
					if err != nil {
						return err
					}
					if err := told(b); err != nil {
						return err
					}
				}
				return nil
			}, bench.WriteMeasurements)
		},
	}
}

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
		Action: func(c *cli.Context) error {
			return measure(c, func(told func(bench.Throughput) error) error {
				image, err := bench.ParseShape(c.String("image"))
				if err != nil {
					return fmt.Errorf("image: %w", err)
				}
				net := bench.Net{Batch: c.Int("batch"), Config: backbone.Config{
					Kind: c.String("backbone"), Channels: image[0], Height: image[1], Width: image[2], Filters: c.Int("width"), Dim: c.Int("dim"),
				}}
				return net.Measure(c.Duration("time"), told)
			}, bench.WriteThroughputs)
		},
	}
}

func benchMemoryCommand() *cli.Command {
	return &cli.Command{
		Name:  "memory",
		Usage: "time a training step's memory term",
		Description: "One step of xbm.CrossBatch on random unit rows: normalise the batch, take the loss and its\n" +
			"gradient against the memory, store the batch. Labels are of a few images each of random\n" +
			"classes. Counted are 2·batch·memory·dim FLOP each for the similarities and for weights times\n" +
			"memory, and as many for the similarities that a miner sees beforehand; batch-hard needs the\n" +
			"first alone but is counted as the others.\n\n" +
			"Without --loss: a table of the main losses.\n\n" +
			"With --policies: each policy and cure of the memory in turns with a plain ring, by one loss\n" +
			"(contrastive without --loss). The time of sdc has its share of moving the rows, not of embedding\n" +
			"the probes; extra MiB are what the memory takes beside a ring's.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "loss", Usage: "`LOSS`, as in xbm train --help"},
			&cli.StringFlag{Name: "miner", Usage: "`MINER`, as in xbm train --help", Value: "none"},
			&cli.IntFlag{Name: "batch", Usage: "images a step", Value: 64},
			&cli.IntFlag{Name: "per-class", Usage: "images of each class in a batch", Value: 4},
			&cli.IntFlag{Name: "dim", Usage: "numbers in an embedding", Value: 128},
			&cli.IntFlag{Name: "memory", Usage: "rows of the memory", Value: 59551},
			&cli.IntFlag{Name: "classes", Usage: "classes that the labels are drawn from", Value: 11318},
			&cli.BoolFlag{Name: "half-memory", Usage: "keep the memory's rows in 16 bits a number"},
			&cli.BoolFlag{Name: "policies", Usage: "measure policies and cures instead of losses"},
			&cli.DurationFlag{Name: "time", Usage: "for about how long to measure each", Value: 2 * time.Second},
			benchJSON,
		},
		Action: func(c *cli.Context) error {
			m := bench.Memory{Loss: c.String("loss"), Miner: c.String("miner"), Batch: c.Int("batch"), PerClass: c.Int("per-class"), Dim: c.Int("dim"),
				Rows: c.Int("memory"), Classes: c.Int("classes"), Half: c.Bool("half-memory")}
			if c.Bool("policies") {
				return measure(c, func(told func(bench.Policy) error) error { return m.Policies(c.Duration("time"), told) }, bench.WritePolicies)
			}
			return measure(c, func(told func(bench.Measurement) error) error { return m.Losses(c.Duration("time"), told) }, bench.WriteMeasurements)
		},
	}
}
