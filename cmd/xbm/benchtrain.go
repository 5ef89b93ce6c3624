package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone"
	"crossbatch/trainer/optim"
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

// throughput is one line of what bench train prints.
type throughput struct {
	Name       string  `json:"name"`
	Shape      string  `json:"shape"`
	MedianMS   float64 `json:"median_ms"`
	MinMS      float64 `json:"min_ms"`
	Images     float64 `json:"images_per_second"` // at the median
	ExtraBytes uint64  `json:"extra_bytes"`       // all that a step allocates
}

func benchTrain(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	channels, height, width, err := parseShape(c.String("image"))
	if err != nil {
		return fmt.Errorf("bench train: image: %w", err)
	}
	batch := c.Int("batch")
	if batch < 1 {
		return fmt.Errorf("bench train: --batch is %d: give at least 1", batch)
	}
	net, err := backbone.New(backbone.Config{
		Kind: c.String("backbone"), Channels: channels, Height: height, Width: width,
		Filters: c.Int("width"), Dim: c.Int("dim"), Seed: 1,
	})
	if err != nil {
		return fmt.Errorf("bench train: %w", err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	images, gradient := make([]float32, batch*channels*height*width), make([]float32, batch*net.Dim())
	for _, x := range [][]float32{images, gradient} {
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
	}
	sgd := &optim.SGD{}
	step := func() error {
		err := net.Train(images, func(dEmb, _ []float32) error {
			copy(dEmb, gradient)
			return nil
		})
		if err != nil {
			return err
		}
		sgd.Begin(1e-6)
		i := 0
		net.State(func(_ string, _ []int, value, grad []float32) {
			if grad != nil {
				sgd.Update(i, 1, value, grad)
				i++
			}
		})
		return nil
	}
	emb := make([]float32, len(gradient))
	out := throughputs{json: c.Bool("json")}
	for _, m := range []struct {
		name string
		once func() error
	}{{"train", step}, {"embed", func() error { return net.Embed(emb, images) }}} {
		b := benchmark{}
		if err := m.once(); err != nil { // builds the graph
			return fmt.Errorf("bench train: %w", err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := m.once(); err != nil {
			return fmt.Errorf("bench train: %w", err)
		}
		runtime.ReadMemStats(&after)
		if err := b.measure(0, c.Duration("time"), nil, m.once); err != nil {
			return fmt.Errorf("bench train: %w", err)
		}
		out.rows = append(out.rows, throughput{
			Name: m.name + " " + c.String("backbone"), Shape: fmt.Sprintf("%d×%s", batch, c.String("image")),
			MedianMS: b.MedianMS, MinMS: b.MinMS, Images: 1e3 * float64(batch) / b.MedianMS, ExtraBytes: after.TotalAlloc - before.TotalAlloc,
		})
	}
	return out.print(c.App.Writer)
}

type throughputs struct {
	json bool
	rows []throughput
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
