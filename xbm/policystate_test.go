package xbm

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// A memory of any policy that was saved and restored goes on exactly like one that
// was not, and damaged states are refused.
func TestRestoredPoliciesGoOnTheSame(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 5))
		capacity, dim := 1+rng.IntN(12), 1+rng.IntN(3)
		for _, c := range policyCases(capacity) {
			c.config.Half = seed%3 == 0
			one, other := c.memory(t, capacity, dim), c.memory(t, capacity, dim)
			enqueue := func(m *Memory, b Batch) {
				m.Expire(b.Step)
				if err := m.Enqueue(nil, b.Embeddings, b.Labels, b.IDs, b.Step); err != nil {
					t.Fatal(err)
				}
			}
			for step := range rng.Int64N(12) {
				enqueue(one, policyBatch(rng, rng.IntN(capacity+2), dim, step))
			}
			enqueue(other, policyBatch(rng, rng.IntN(capacity+2), dim, 3)) // to be overwritten
			saved := state(t, one)
			if err := other.UnmarshalBinary(saved); err != nil || !bytes.Equal(saved, state(t, other)) {
				t.Fatalf("%s: %v", c.name, err)
			}
			for step := int64(12); step < 18; step++ {
				b := policyBatch(rng, rng.IntN(2*capacity), dim, step)
				enqueue(one, b)
				enqueue(other, b)
				if !bytes.Equal(state(t, one), state(t, other)) {
					t.Fatalf("seed %d, %s: the states part at step %d", seed, c.name, step)
				}
			}
			saved = state(t, one)
			for _, bad := range [][]byte{saved[:len(saved)-1], append(bytes.Clone(saved), 0)} {
				if err := other.UnmarshalBinary(bad); !errors.Is(err, ErrState) || !bytes.Equal(saved, state(t, other)) {
					t.Fatalf("%s: %d bytes for %d: %v", c.name, len(bad), len(saved), err)
				}
			}
			for _, elsewhere := range policyCases(capacity) {
				if elsewhere.name != c.name {
					elsewhere.config.Half = c.config.Half
					if err := elsewhere.memory(t, capacity, dim).UnmarshalBinary(saved); !errors.Is(err, ErrShape) {
						t.Errorf("state of %s into %s: %v", c.name, elsewhere.name, err)
					}
				}
			}
		}
	}
}

// named is a plain ring under another name.
type named string

func (n named) String() string                      { return string(n) }
func (n named) Keeper(MemoryConfig) (Keeper, error) { return nil, nil }

// A name of up to 255 bytes is saved with the memory; a longer one is refused before
// there is anything to save.
func TestLongNamesOfPolicies(t *testing.T) {
	longest := named(strings.Repeat("n", mostName))
	m, err := MemoryConfig{Capacity: 2, Dim: 1, Policy: longest}.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.UnmarshalBinary(state(t, m)); err != nil {
		t.Error(err)
	}
	if _, err := (MemoryConfig{Capacity: 2, Dim: 1, Policy: longest + "n"}).New(); err == nil || !strings.Contains(err.Error(), "its name has 256 bytes: give at most 255") {
		t.Error(err)
	}
}

// Rows that a policy could not hold are refused, and nothing has changed.
func TestImpossibleStatesAreRefused(t *testing.T) {
	for _, c := range policyCases(4)[1:3] {
		m := c.memory(t, 4, 1)
		if err := m.Enqueue(nil, []float32{1, 2}, []int32{3, 4}, []int64{5, 6}, 0); err != nil {
			t.Fatal(err)
		}
		good := state(t, m)
		body := stateHeader + len(m.Policy().String())
		for name, change := range map[string]func(b []byte){
			"one sample twice, one class twice": func(b []byte) { copy(b[body+28:], b[body:body+12]) },
			"one number twice":                  func(b []byte) { copy(b[len(b)-8:], b[len(b)-16:]) },
			"a number beyond all":               func(b []byte) { b[len(b)-8] = 2 },
		} {
			bad := bytes.Clone(good)
			change(bad)
			if err := m.UnmarshalBinary(bad); !errors.Is(err, ErrState) || !bytes.Equal(good, state(t, m)) {
				t.Errorf("%s, %s: %v", c.name, name, err)
			}
		}
	}
}

func FuzzUnmarshalPolicies(f *testing.F) {
	for _, c := range policyCases(4) {
		m := c.memory(f, 4, 1)
		b := policyBatch(rand.New(rand.NewPCG(1, 1)), 6, 1, 0)
		if err := m.Enqueue(nil, b.Embeddings, b.Labels, b.IDs, 0); err != nil {
			f.Fatal(err)
		}
		f.Add(state(f, m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range policyCases(4) {
			m := c.memory(t, 4, 1)
			if m.UnmarshalBinary(data) == nil && !bytes.Equal(state(t, m), data) {
				t.Errorf("%s: what was restored is not what was given", c.name)
			}
		}
	})
}
