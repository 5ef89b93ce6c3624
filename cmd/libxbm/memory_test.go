package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm"
)

// A state is written where the caller has room for it, whatever the memory.
func TestStatesFitTheRoomThatIsAskedFor(t *testing.T) {
	for _, config := range []memoryConfig{
		{capacity: 7, dim: 3},
		{capacity: 7, dim: 3, half: true},
		{capacity: 7, dim: 3, policy: "keyed"},
		{capacity: 7, dim: 3, policy: "class-balanced:2"},
		{capacity: 7, dim: 3, policy: "reservoir", seed: 3},
		{capacity: 7, dim: 3, maxAge: 9},
		{capacity: 7, dim: 3, cure: "axbn:process=0.1"},
	} {
		m, err := config.new()
		if err != nil {
			t.Fatal(err)
		}
		term, err := termConfig{loss: "contrastive"}.crossBatch(m)
		if err != nil {
			t.Fatal(err)
		}
		for step := range int64(5) {
			b := xbm.Batch{Embeddings: []float32{1, 2, 3, -1, 0, float32(step)}, Labels: []int32{0, 1}, IDs: []int64{step, 9}, Step: step}
			if _, err := term.add(make([]float32, 6), b, nil, nil, false, false); err != nil {
				t.Fatal(err)
			}
			want, _ := m.MarshalBinary()
			room := make([]byte, m.stateRoom())
			n, err := m.save(room)
			if err != nil || !slices.Equal(room[:n], want) {
				t.Errorf("%+v: %d bytes of %d (%v), want %d", config, n, len(room), err, len(want))
			}
			if _, err := m.save(room[:n-1]); err == nil {
				t.Errorf("%+v: a state was stored in less than it takes", config)
			}
		}
	}
}

func TestWhatHasNoRoomIsRefused(t *testing.T) {
	c := memoryConfig{capacity: 1 << 20, dim: 256}
	if err := c.fits(1 << 30); err == nil || !strings.Contains(err.Error(), "1.0 GiB") {
		t.Errorf("%v", err)
	}
	c.half = true
	if err := c.fits(1 << 30); err != nil {
		t.Error(err)
	}
	if err := (memoryConfig{capacity: math.MaxInt64, dim: math.MaxInt64}).fits(0); err == nil {
		t.Error("a memory larger than any address was let through")
	}
}
