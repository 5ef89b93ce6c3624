package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

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

// benchTable prints measurements as they come.
type benchTable struct {
	out  io.Writer
	json bool
	rows []bench.Measurement
}

func (t *benchTable) add(b bench.Measurement) error {
	if t.json {
		return json.NewEncoder(t.out).Encode(b)
	}
	t.rows = append(t.rows, b)
	return nil
}

func (t *benchTable) print() error {
	if t.json {
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tshape\tmedian ms\tmin ms\tGFLOP/s\tof peak\textra MiB\t")
	for _, b := range t.rows {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%.0f\t%.0f %%\t%.1f\t\n",
			b.Name, b.Shape, b.MedianMS, b.MinMS, b.GFLOPS, b.PercentOfPeak, float64(b.ExtraBytes)/(1<<20))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "peak: %.0f GFLOP/s on the cores in use\n", t.rows[len(t.rows)-1].PeakGFLOPS)
	return err
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
		Action: benchEval,
	}
}

func benchEval(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	table := benchTable{out: c.App.Writer, json: c.Bool("json")}
	for _, k := range c.IntSlice("k") {
		b, err := bench.Search(c.Int("rows"), c.Int("dim"), k, c.Duration("time"))
		if err != nil {
			return fmt.Errorf("bench eval: %w", err)
		}
		if err := table.add(b); err != nil {
			return err
		}
	}
	return table.print()
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
		Action: benchGemm,
	}
}

func benchGemm(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	table := benchTable{out: c.App.Writer, json: c.Bool("json")}
	for _, shape := range c.StringSlice("shape") {
		m, k, n, err := parseShape(shape)
		if err != nil {
			return fmt.Errorf("bench gemm: %w", err)
		}
		b, err := bench.Gemm(m, k, n, c.Duration("time"))
		if err != nil {
			return err
		}
		if err := table.add(b); err != nil {
			return err
		}
	}
	return table.print()
}

// parseShape reads MxKxN.
func parseShape(shape string) (m, k, n int, err error) {
	parts := strings.Split(shape, "x")
	var sizes [3]int
	if len(parts) != len(sizes) {
		return 0, 0, 0, fmt.Errorf("shape %q: give it as 64x128x4096", shape)
	}
	for i, part := range parts {
		if sizes[i], err = strconv.Atoi(part); err != nil || sizes[i] < 1 || sizes[i] > 1<<20 {
			return 0, 0, 0, fmt.Errorf("shape %q: %q is no size from 1 to %d", shape, part, 1<<20)
		}
	}
	return sizes[0], sizes[1], sizes[2], nil
}
