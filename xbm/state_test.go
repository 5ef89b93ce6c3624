package xbm

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// filled returns a memory with some history behind it.
func filled(t testing.TB, rng *rand.Rand, capacity, dim, batches int) *Memory {
	return filledWith(t, NewMemory, rng, capacity, dim, batches)
}

func filledWith(t testing.TB, newMemory func(capacity, dim int) (*Memory, error), rng *rand.Rand, capacity, dim, batches int) *Memory {
	m, err := newMemory(capacity, dim)
	if err != nil {
		t.Fatal(err)
	}
	for step := range batches {
		x, labels, ids := randomRows(rng, rng.IntN(capacity+3), dim)
		if err := m.Enqueue(nil, x, labels, ids, int64(step)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func state(t testing.TB, m *Memory) []byte {
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A memory that was saved and restored goes on exactly like one that was not.
func TestRestoredMemoryGoesOnTheSame(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		capacity, dim := 1+rng.IntN(10), 1+rng.IntN(3)
		newMemory := NewMemory
		if seed%3 == 0 {
			newMemory = NewHalfMemory
		}
		one := filledWith(t, newMemory, rng, capacity, dim, rng.IntN(6))
		other := filledWith(t, newMemory, rng, capacity, dim, 2)
		if err := other.UnmarshalBinary(state(t, one)); err != nil {
			t.Fatal(err)
		}
		for step := range int64(5) {
			x, labels, ids := randomRows(rng, rng.IntN(2*capacity), dim)
			for _, m := range []*Memory{one, other} {
				if err := m.Enqueue(nil, x, labels, ids, step); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(state(t, one), state(t, other)) {
				t.Fatalf("seed %d: the states part after %d more steps", seed, step+1)
			}
		}
	}
}

func TestForeignStateIsRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	m := filled(t, rng, 4, 2, 3)
	good := state(t, m)
	changed := func(at int, b byte) []byte {
		c := bytes.Clone(good)
		c[at] = b
		return c
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":          {nil, ErrState},
		"cut short":      {good[:len(good)-1], ErrState},
		"cut in header":  {good[:stateHeader-1], ErrState},
		"longer":         {append(bytes.Clone(good), 0), ErrState},
		"magic":          {changed(0, 'X'), ErrState},
		"other capacity": {changed(len(stateMagic), 5), ErrShape},
		"other dim":      {changed(len(stateMagic)+8, 3), ErrShape},
		"of 16 bits":     {changed(len(stateMagic)+16, 16), ErrShape},
		"negative total": {changed(len(stateMagic)+31, 0x80), ErrState},
		"next too large": {changed(len(stateMagic)+32, 4), ErrState},
	} {
		if err := m.UnmarshalBinary(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(state(t, m), good) {
			t.Fatalf("%s: the memory has changed", name)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	rng := rand.New(rand.NewPCG(4, 4))
	f.Add(state(f, filled(f, rng, 4, 2, 3)))
	f.Add(state(f, filled(f, rng, 4, 2, 0)))
	f.Add([]byte(stateMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := NewMemory(4, 2)
		if err != nil {
			t.Fatal(err)
		}
		if m.UnmarshalBinary(data) == nil && !bytes.Equal(state(t, m), data) {
			t.Errorf("what was restored is not what was given")
		}
	})
}
