package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/bench"
)

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
		Action: benchMemory,
	}
}

func benchMemory(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	m := bench.Memory{Loss: c.String("loss"), Miner: c.String("miner"), Batch: c.Int("batch"), PerClass: c.Int("per-class"), Dim: c.Int("dim"),
		Rows: c.Int("memory"), Classes: c.Int("classes"), Half: c.Bool("half-memory")}
	if c.Bool("policies") {
		if m.Loss == "" {
			m.Loss = "contrastive"
		}
		if err := benchPolicies(c, m); err != nil {
			return fmt.Errorf("bench memory: %w", err)
		}
		return nil
	}
	cases := [][2]string{{m.Loss, m.Miner}}
	if !c.IsSet("loss") {
		cases = [][2]string{
			{"contrastive", "none"}, {"multi-similarity", "none"}, {"multi-similarity", "multi-similarity"}, {"nt-xent", "none"},
			{"supcon", "none"}, {"triplet", "batch-hard"}, {"triplet", "none"}, {"lifted", "none"},
		}
	}
	table := benchTable{out: c.App.Writer, json: c.Bool("json")}
	for _, names := range cases {
		m.Loss, m.Miner = names[0], names[1]
		b, err := m.Measure(c.Duration("time"))
		if err != nil {
			return fmt.Errorf("bench memory: %w", err)
		}
		if err := table.add(b); err != nil {
			return err
		}
	}
	return table.print()
}

// benchPolicies prints each policy and cure beside a plain ring.
func benchPolicies(c *cli.Context, m bench.Memory) error {
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', tabwriter.AlignRight)
	if !c.Bool("json") {
		fmt.Fprintf(w, "%s, %d×%d×%d\tms a step\tring's ms\tof ring's\textra MiB\t\n", m.Loss, m.Batch, m.Rows, m.Dim)
	}
	err := m.Policies(c.Duration("time"), func(b bench.Policy) error {
		if c.Bool("json") {
			return json.NewEncoder(c.App.Writer).Encode(b)
		}
		_, err := fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f ×\t%.1f\t\n", b.Name, b.MS, b.RingMS, b.OfRing, float64(b.ExtraBytes)/(1<<20))
		return err
	})
	if err != nil {
		return err
	}
	return w.Flush()
}
