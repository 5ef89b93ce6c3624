package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/xbm/kernel"
)

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
		rng := rand.New(rand.NewPCG(1, 1))
		draw := func(rows, cols int) kernel.Mat {
			x := make([]float32, rows*cols)
			for i := range x {
				x[i] = rng.Float32()
			}
			return kernel.Mat{Data: x, Stride: cols}
		}
		x, y, z := draw(m, k), draw(k, n), draw(m, n)
		b := benchmark{Name: "gemm", Shape: fmt.Sprintf("%d×%d×%d", m, k, n)}
		err = b.measure(2*float64(m)*float64(n)*float64(k), c.Duration("time"), nil, func() error {
			kernel.Gemm(m, n, k, 1, x, y, 0, z)
			return nil
		})
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
