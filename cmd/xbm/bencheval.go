package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

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
		Action: benchEval,
	}
}

func benchEval(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	rows, dim := c.Int("rows"), c.Int("dim")
	if rows < 2 || dim < 1 {
		return fmt.Errorf("bench eval: %d rows of %d numbers: give at least 2 of at least 1", rows, dim)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, rows*dim)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	kernel.NormalizeRows(x, make([]float32, rows), x, dim)
	table := benchTable{out: c.App.Writer, json: c.Bool("json")}
	for _, k := range c.IntSlice("k") {
		b := benchmark{Name: fmt.Sprintf("nearest %d", k), Shape: fmt.Sprintf("%d×%d", rows, dim)}
		err := b.measure(2*float64(rows)*float64(rows)*float64(dim), c.Duration("time"), nil, func() error {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := eval.Search(x, dim, k, func(int, []int32) {})
			runtime.ReadMemStats(&after)
			b.ExtraBytes = max(b.ExtraBytes, after.TotalAlloc-before.TotalAlloc)
			return err
		})
		if err != nil {
			return fmt.Errorf("bench eval: %w", err)
		}
		if err := table.add(b); err != nil {
			return err
		}
	}
	return table.print()
}
