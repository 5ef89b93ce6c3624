package bench

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"crossbatch/trainer/setting"
	"crossbatch/xbm"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// Memory is a memory term to be measured: one step of xbm.CrossBatch on random unit
// rows with a full memory. All fields but Half are needed: see [DefaultMemory].
type Memory struct {
	Loss, Miner     string // as xbm.ParseLoss takes them
	Batch, PerClass int    // images a step, and those of each class among them
	Dim, Rows       int    // of the memory
	Classes         int    // that the labels are drawn from
	Half            bool   // keep the rows in 16 bits a number
}

// mainLosses are the losses that most papers compare, and their miners.
func mainLosses() [][2]string {
	return [][2]string{
		{"contrastive", "none"}, {"multi-similarity", "none"}, {"multi-similarity", "multi-similarity"}, {"nt-xent", "none"},
		{"supcon", "none"}, {"triplet", "batch-hard"}, {"triplet", "none"}, {"lifted", "none"},
	}
}

// everyLoss is each loss that has a meaning against a memory, and triplets with each miner.
func everyLoss() (cases [][2]string, err error) {
	last := ""
	for _, text := range loss.Names() {
		name, _, _ := strings.Cut(text, ":")
		l, err := loss.Parse(text)
		if err != nil {
			return nil, err
		}
		if name != last && pair.TraitsOf(l).BatchOnly == nil {
			cases = append(cases, [2]string{name, "none"})
		}
		last = name
	}
	for _, text := range miner.Names() {
		name, _, _ := strings.Cut(text, ":")
		if name != "none" && name != last {
			cases = append(cases, [2]string{"triplet", name})
		}
		last = name
	}
	return cases, nil
}

// Losses measures the term, as Measure does, and hands the measurement to told; without a
// loss, that of each main loss as it comes; with loss all, that of every loss, and of
// triplets with every miner.
func (m Memory) Losses(about time.Duration, told func(Measurement) error) error {
	cases := [][2]string{{m.Loss, m.Miner}}
	switch m.Loss {
	case "":
		cases = mainLosses()
	case "all":
		var err error
		if cases, err = everyLoss(); err != nil {
			return err
		}
	}
	for _, names := range cases {
		m.Loss, m.Miner = names[0], names[1]
		b, err := m.Measure(about)
		if err != nil {
			return err
		}
		if err := told(b); err != nil {
			return err
		}
	}
	return nil
}

// Measure measures the term for about the given time. Counted are 2·batch·memory·dim
// FLOP each for the similarities and for weights times memory, and as many for the
// similarities that a miner sees beforehand; batch-hard needs the first alone but is
// counted as the others.
func (m Memory) Measure(about time.Duration) (Measurement, error) {
	if err := setting.Validate(m.Settings()); err != nil {
		return Measurement{}, err
	}
	loss, miner := m.Loss, m.Miner
	n, rows, dim := m.Batch, m.Rows, m.Dim
	products := 2
	name := loss
	if miner != "none" {
		name += " + " + miner
		if miner != "batch-hard" {
			products++
		}
	}
	b := Measurement{Name: name, Shape: fmt.Sprintf("%d×%d×%d", n, rows, dim)}
	l, err := xbm.ParseLoss(loss, miner, rand.NewPCG(1, 1))
	if err != nil {
		return b, err
	}
	newMemory := xbm.NewMemory
	if m.Half {
		newMemory = xbm.NewHalfMemory
	}
	memory, err := newMemory(rows, dim)
	if err != nil {
		return b, err
	}
	random := drawing{rng: rand.New(rand.NewPCG(2, 2)), dim: dim, classes: m.Classes, perClass: m.PerClass}
	for memory.Len() < rows {
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
	err = b.measure(float64(products)*2*float64(n)*float64(rows)*float64(dim), about,
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
