package xbm_test

import (
	"fmt"
	"math/rand/v2"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
)

// A foreign trainer, here of nothing but a table of embeddings, mines against
// its last 32 embeddings.
func Example() {
	const samples, dim, batch, rate = 40, 8, 8, 8
	memory, err := xbm.NewMemory(32, dim)
	if err != nil {
		panic(err)
	}
	inBatch := xbm.InBatch{Loss: loss.NewContrastive(false)}
	crossBatch := xbm.CrossBatch{Memory: memory, Loss: loss.NewContrastive(false), EnqueueLast: true}

	rng := rand.New(rand.NewPCG(1, 1))
	table := make([]float32, samples*dim)
	for i := range table {
		table[i] = float32(rng.NormFloat64())
	}
	for step := range int64(201) {
		b := xbm.Batch{Step: step}
		for _, id := range rng.Perm(samples)[:batch] { // forward
			b.Embeddings = append(b.Embeddings, table[id*dim:(id+1)*dim]...)
			b.Labels = append(b.Labels, int32(id%4))
			b.IDs = append(b.IDs, int64(id))
		}
		dEmb := make([]float32, len(b.Embeddings))
		own, err1 := inBatch.Add(dEmb, b)
		past, err2 := crossBatch.Add(dEmb, b)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprint(err1, err2))
		}
		for i, id := range b.IDs { // backward and update
			for k := range dim {
				table[int(id)*dim+k] -= rate * dEmb[i*dim+k]
			}
		}
		if step%100 == 0 {
			fmt.Printf("step %3d: loss %.1f in the batch, %.1f against %d rows of memory\n", step, own.Value, past.Value, memory.Len())
		}
	}
	// Output:
	// step   0: loss 1.4 in the batch, 0.0 against 8 rows of memory
	// step 100: loss 0.0 in the batch, 0.0 against 32 rows of memory
	// step 200: loss 0.0 in the batch, 0.0 against 32 rows of memory
}
