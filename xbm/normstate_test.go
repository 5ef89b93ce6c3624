package xbm

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// A memory with a norm that was saved and restored goes on exactly like one that
// was not.
func TestRestoredNormGoesOnTheSame(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 11))
		capacity, dim := 2+rng.IntN(12), 1+rng.IntN(3)
		for _, c := range policyCases(capacity) {
			c.config.Capacity, c.config.Dim, c.config.Half = capacity, dim, seed%3 == 0
			fresh := func() *Memory { return newNormed(t, c.config, CrossBatchNorm{Process: 0.1, Measurement: 1}) }
			step := func(m *Memory, b Batch) {
				m.Expire(b.Step)
				if err := m.Match(b.Embeddings); err != nil {
					t.Fatal(err)
				}
				if err := m.Enqueue(nil, b.Embeddings, b.Labels, b.IDs, b.Step); err != nil {
					t.Fatal(err)
				}
			}
			one, other := fresh(), fresh()
			for at := range rng.Int64N(9) {
				step(one, policyBatch(rng, 1+rng.IntN(capacity), dim, at))
			}
			step(other, policyBatch(rng, 2, dim, 0)) // to be overwritten
			saved := state(t, one)
			if err := other.UnmarshalBinary(saved); err != nil {
				t.Fatal(err)
			}
			for at := int64(9); at < 14; at++ {
				b := policyBatch(rng, 1+rng.IntN(2*capacity), dim, at)
				step(one, b)
				step(other, b)
				if !bytes.Equal(state(t, one), state(t, other)) || !slices.Equal(one.AppendRows(nil), other.AppendRows(nil)) {
					t.Fatalf("seed %d, %s: the states part at step %d", seed, c.name, at)
				}
			}
			saved = state(t, one)
			for _, bad := range [][]byte{saved[:len(saved)-1], append(bytes.Clone(saved), 0)} {
				if err := other.UnmarshalBinary(bad); !errors.Is(err, ErrState) || !bytes.Equal(saved, state(t, other)) {
					t.Fatalf("%s: %d bytes for %d: %v", c.name, len(bad), len(saved), err)
				}
			}
			if err := newNormed(t, c.config, CrossBatchNorm{}).UnmarshalBinary(saved); !errors.Is(err, ErrShape) {
				t.Errorf("into another norm: %v", err)
			}
			one.Reset()
			if !bytes.Equal(state(t, one), state(t, fresh())) {
				t.Errorf("%s: after Reset it is not as it was", c.name)
			}
		}
	}
}
