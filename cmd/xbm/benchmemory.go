package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/xbm"
	"crossbatch/xbm/kernel"
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
	for _, name := range []string{"batch", "per-class", "dim", "memory", "classes"} {
		if c.Int(name) < 1 {
			return fmt.Errorf("bench memory: --%s is %d: give at least 1", name, c.Int(name))
		}
	}
	if c.Bool("policies") {
		if err := benchPolicies(c); err != nil {
			return fmt.Errorf("bench memory: %w", err)
		}
		return nil
	}
	cases := [][2]string{{c.String("loss"), c.String("miner")}}
	if !c.IsSet("loss") {
		cases = [][2]string{
			{"contrastive", "none"}, {"multi-similarity", "none"}, {"multi-similarity", "multi-similarity"}, {"nt-xent", "none"},
			{"supcon", "none"}, {"triplet", "batch-hard"}, {"triplet", "none"}, {"lifted", "none"},
		}
	}
	table := benchTable{out: c.App.Writer, json: c.Bool("json")}
	for _, names := range cases {
		b, err := benchTerm(c, names[0], names[1])
		if err != nil {
			return fmt.Errorf("bench memory: %w", err)
		}
		if err := table.add(b); err != nil {
			return err
		}
	}
	return table.print()
}

// benchTerm measures the memory term of one loss.
func benchTerm(c *cli.Context, loss, miner string) (benchmark, error) {
	n, m, dim := c.Int("batch"), c.Int("memory"), c.Int("dim")
	products := 2
	name := loss
	if miner != "none" {
		name += " + " + miner
		if miner != "batch-hard" {
			products++
		}
	}
	b := benchmark{Name: name, Shape: fmt.Sprintf("%d×%d×%d", n, m, dim)}
	l, err := xbm.ParseLoss(loss, miner, rand.NewPCG(1, 1))
	if err != nil {
		return b, err
	}
	newMemory := xbm.NewMemory
	if c.Bool("half-memory") {
		newMemory = xbm.NewHalfMemory
	}
	memory, err := newMemory(m, dim)
	if err != nil {
		return b, err
	}
	random := drawing{rng: rand.New(rand.NewPCG(2, 2)), dim: dim, classes: c.Int("classes"), perClass: c.Int("per-class")}
	for memory.Len() < m {
		batch := random.batch(n)
		kernel.NormalizeRows(batch.Embeddings, make([]float32, n), batch.Embeddings, dim)
		if err := memory.Enqueue(nil, batch.Embeddings, batch.Labels, batch.IDs, 0); err != nil {
			return b, err
		}
	}
	term := xbm.CrossBatch{Memory: memory, Loss: l}
	dEmb := make([]float32, n*dim)
	batch := random.batch(n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := term.Add(dEmb, batch); err != nil {
		return b, err
	}
	runtime.ReadMemStats(&after)
	b.ExtraBytes = after.TotalAlloc - before.TotalAlloc
	err = b.measure(float64(products)*2*float64(n)*float64(m)*float64(dim), c.Duration("time"),
		func() { batch = random.batch(n) },
		func() error {
			_, err := term.Add(dEmb, batch)
			return err
		})
	return b, err
}

// drawing makes batches of random embeddings, perClass of each of random classes.
type drawing struct {
	rng                    *rand.Rand
	dim, classes, perClass int
	seen                   int64
}

func (d *drawing) batch(n int) xbm.Batch {
	b := xbm.Batch{Embeddings: make([]float32, n*d.dim), Labels: make([]int32, n), IDs: make([]int64, n)}
	for i := range b.Embeddings {
		b.Embeddings[i] = float32(d.rng.NormFloat64())
	}
	for i := range n {
		if i%d.perClass == 0 {
			b.Labels[i] = int32(d.rng.IntN(d.classes))
		} else {
			b.Labels[i] = b.Labels[i-1]
		}
		b.IDs[i] = d.seen
		d.seen++
	}
	return b
}
