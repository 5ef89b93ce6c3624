package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/bench"
	"crossbatch/trainer/setting/flags"
)

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:        "bench",
		Usage:       "measure how fast this machine does the heavy parts",
		Description: help("bench"),
		Subcommands: []*cli.Command{benchMemoryCommand(), benchTrainCommand(), benchEvalCommand(), benchGemmCommand()},
	}
}

// benchFlags are those of a part that is measured, with how to measure it.
func benchFlags(flags ...cli.Flag) []cli.Flag {
	return append(flags,
		&cli.DurationFlag{Category: "How", Name: "time", Usage: "for about how long to measure each; at least three times", Value: 2 * time.Second},
		&cli.BoolFlag{Category: "How", Name: "json", Usage: "print one JSON object a line instead of the table"},
	)
}

// measure prints what is measured for about a time each: JSON as it comes, a table at the
// end.
func measure[T any](c *cli.Context, measured func(about time.Duration, told func(T) error) error, table func(io.Writer, []T) error) error {
	if err := noArguments(c); err != nil {
		return err
	}
	var rows []T
	err := measured(c.Duration("time"), func(row T) error {
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
	n := bench.DefaultNeighbors()
	return &cli.Command{
		Name:  "eval",
		Usage: "time the search for nearest neighbours",
		Description: "Exact search of random unit rows among themselves, each row's k nearest others in order, as\n" +
			"recall@k, R-precision and MAP@R take it. Counted are 2·rows²·dim FLOP.",
		Flags: benchFlags(append(flagsOf(n.Settings()),
			&cli.IntSliceFlag{Category: "What", Name: "k", Usage: "`NEIGHBOURS` of each; may be given again", Value: cli.NewIntSlice(n.K...)})...),
		Action: func(c *cli.Context) error {
			flags.Apply(c, n.Settings())
			n.K = c.IntSlice("k")
			return measure(c, n.Measure, bench.WriteMeasurements)
		},
	}
}

func benchGemmCommand() *cli.Command {
	return &cli.Command{
		Name:  "gemm",
		Usage: "time matrix products, and the peak",
		Flags: benchFlags(&cli.StringSliceFlag{Category: "What", Name: "shape", Usage: "rows×inner×columns, as `MxKxN`; may be given again", Value: cli.NewStringSlice("1024x1024x1024", "64x128x59551", "64x59551x128")}),
		Action: func(c *cli.Context) error {
			return measure(c, func(about time.Duration, told func(bench.Measurement) error) error {
				shapes, err := bench.ParseShapes(c.StringSlice("shape")...)
				if err != nil {
					return err
				}
				return bench.Products(shapes, about, told)
			}, bench.WriteMeasurements)
		},
	}
}

func benchTrainCommand() *cli.Command {
	n := bench.DefaultNet()
	return &cli.Command{
		Name:  "train",
		Usage: "time training steps and embedding of a network",
		Description: "A training step is forward, backward from a gradient that is given, and SGD; embedding is\n" +
			"forward alone. No loss and no data: see bench memory, and images/s of xbm train.",
		Flags: benchFlags(flagsOf(n.Settings())...),
		Action: func(c *cli.Context) error {
			flags.Apply(c, n.Settings())
			return measure(c, n.Measure, bench.WriteThroughputs)
		},
	}
}

func benchMemoryCommand() *cli.Command {
	m := bench.DefaultMemory()
	return &cli.Command{
		Name:        "memory",
		Usage:       "time a training step's memory term",
		Description: help("bench-memory"),
		Flags: benchFlags(append(flagsOf(m.Settings()),
			&cli.BoolFlag{Category: "What", Name: "policies", Usage: "measure policies and cures instead of losses"})...),
		Action: func(c *cli.Context) error {
			flags.Apply(c, m.Settings())
			if c.Bool("policies") {
				return measure(c, m.Policies, bench.WritePolicies)
			}
			return measure(c, m.Losses, bench.WriteMeasurements)
		},
	}
}
