package xbm_test

import (
	"fmt"
	"math/rand/v2"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
)

// table is a network of nothing but a table: an embedding for each of its samples.
// Every fifth sample is of one class.
type table struct {
	dim  int
	rows []float32
	rng  *rand.Rand
}

func newTable(samples, dim int) *table {
	t := &table{dim, make([]float32, samples*dim), rand.New(rand.NewPCG(1, 1))}
	for i := range t.rows {
		t.rows[i] = float32(t.rng.NormFloat64())
	}
	return t
}

// batch draws n samples: the forward pass.
func (t *table) batch(n int, step int64) xbm.Batch {
	b := xbm.Batch{Step: step}
	for _, id := range t.rng.Perm(len(t.rows) / t.dim)[:n] {
		b.Embeddings = append(b.Embeddings, t.rows[id*t.dim:(id+1)*t.dim]...)
		b.Labels = append(b.Labels, int32(id%5))
		b.IDs = append(b.IDs, int64(id))
	}
	return b
}

// update is the backward pass and a step of gradient descent.
func (t *table) update(b xbm.Batch, dEmb []float32, rate float32) {
	for i, id := range b.IDs {
		for k := range t.dim {
			t.rows[int(id)*t.dim+k] -= rate * dEmb[i*t.dim+k]
		}
	}
}

// A trainer of another kind, here of a table of embeddings, mines against the last
// 40 of them. A batch of 4 holds about two positive pairs; the memory holds thirty.
func Example() {
	for _, rows := range []int{0, 40} {
		network := newTable(60, 8)
		inBatch := xbm.InBatch{Loss: loss.NewContrastive(false)}
		var crossBatch *xbm.CrossBatch
		if rows > 0 {
			memory, err := xbm.NewMemory(rows, network.dim)
			if err != nil {
				panic(err)
			}
			crossBatch = &xbm.CrossBatch{Memory: memory, Loss: loss.NewContrastive(false), EnqueueLast: true}
		}
		positives := 0
		for step := range int64(300) {
			b := network.batch(4, step)
			dEmb := make([]float32, len(b.Embeddings))
			s, err := inBatch.Add(dEmb, b)
			if err != nil {
				panic(err)
			}
			positives += s.Positives
			if crossBatch != nil {
				if s, err = crossBatch.Add(dEmb, b); err != nil {
					panic(err)
				}
				positives += s.Positives
			}
			network.update(b, dEmb, 2)
		}
		all := network.batch(60, 300)
		s, err := inBatch.Add(make([]float32, len(all.Embeddings)), all)
		if err != nil {
			panic(err)
		}
		fmt.Printf("memory of %2d rows: %5d positive pairs seen, loss of all samples %.2f\n", rows, positives, s.Value)
	}
	// Output:
	// memory of  0 rows:   630 positive pairs seen, loss of all samples 0.70
	// memory of 40 rows:  9273 positive pairs seen, loss of all samples 0.34
}
