package xbm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/loss"
)

// A validation changes nothing, and sees what a training step would have seen
// that stores its batch afterwards.
func TestReadOnlyLeavesTheMemoryAsItIs(t *testing.T) {
	for _, config := range []MemoryConfig{
		{Capacity: 8, Dim: 4},
		{Capacity: 8, Dim: 4, Half: true},
		{Capacity: 8, Dim: 4, Policy: Reservoir{Seed: 1}},
		{Capacity: 8, Dim: 4, MaxAge: 2},
		{Capacity: 8, Dim: 4, Norm: &CrossBatchNorm{Process: 0.1, Measurement: 1}},
	} {
		rng := rand.New(rand.NewPCG(2, 3))
		memory, err := config.New()
		if err != nil {
			t.Fatal(err)
		}
		term := CrossBatch{Memory: memory, Loss: loss.NewContrastive(false)}
		for step := range int64(3) {
			add(t, &term, randomBatch(rng, 3, 4, step))
		}
		before, err := memory.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		batch := randomBatch(rng, 5, 4, 30)
		batch.Step = 3
		term.ReadOnly = true
		_, first := add(t, &term, batch)
		batch.Step = 9
		again, second := add(t, &term, batch)
		if after, _ := memory.MarshalBinary(); !slices.Equal(after, before) {
			t.Errorf("%+v: the memory changed", config)
		}
		if !slices.Equal(first, second) {
			t.Errorf("%+v: the gradient changed", config)
		}
		if again.Positives+again.Negatives != len(batch.Labels)*memory.Len() {
			t.Errorf("%+v: %+v, want %d×%d pairs", config, again, len(batch.Labels), memory.Len())
		}
		if config.Norm != nil || config.MaxAge > 0 {
			continue
		}
		term.ReadOnly, term.EnqueueLast = false, true
		if _, stored := add(t, &term, batch); !slices.Equal(stored, first) {
			t.Errorf("%+v: the gradient is %v, and %v where the batch is stored afterwards", config, first, stored)
		}
	}
}
