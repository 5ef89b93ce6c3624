package data

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// fresh makes the sampler that pk was before its first batch.
func fresh(t *testing.T, pk *PK, set *Set, index []int) *PK {
	t.Helper()
	again, err := NewPK(set.Labels, index, pk.perBatch, pk.perClass, pk.seed)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestRestoredPKGoesOn(t *testing.T) {
	draw := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		pk, set, index := randomPK(t, draw)
		batch, resumed := make([]int, pk.BatchSize()), make([]int, pk.BatchSize())
		for range draw.IntN(12) {
			pk.Next(batch)
		}
		state, err := pk.AppendBinary([]byte("before"))
		if err != nil || string(state[:6]) != "before" {
			t.Fatalf("append: %v", err)
		}
		// Whatever the other did before is overwritten.
		other := fresh(t, pk, set, index)
		for range draw.IntN(5) {
			other.Next(resumed)
		}
		if err := other.UnmarshalBinary(state[6:]); err != nil {
			t.Fatal(err)
		}
		for n := range 30 {
			pk.Next(batch)
			other.Next(resumed)
			if !slices.Equal(batch, resumed) {
				t.Fatalf("batch %d after the restore: %v, want %v", n, resumed, batch)
			}
		}
	}
}

func TestUnmarshalRefusesOtherSettings(t *testing.T) {
	set := even(6, 4)
	all := cards(set.Len())
	pk := func(index []int, classes, perClass int, seed uint64) *PK {
		sampler, err := NewPK(set.Labels, index, classes, perClass, seed)
		if err != nil {
			t.Fatal(err)
		}
		return sampler
	}
	state, _ := pk(all, 3, 2, 1).MarshalBinary()
	for name, other := range map[string]*PK{
		"P": pk(all, 2, 2, 1), "K": pk(all, 3, 3, 1), "seed": pk(all, 3, 2, 2), "images": pk(all[1:], 3, 2, 1),
	} {
		checkMessage(t, name, other.UnmarshalBinary(state), "belongs to another")
	}
	checkMessage(t, "version", pk(all, 3, 2, 1).UnmarshalBinary([]byte("xbmPK\x02 and more")), "not one of this version")
}

func TestUnmarshalRefusesDamage(t *testing.T) {
	set := even(6, 4)
	pk, err := NewPK(set.Labels, cards(set.Len()), 3, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	batch := make([]int, pk.BatchSize())
	pk.Next(batch)
	state, _ := pk.MarshalBinary()
	for n := range state {
		checkMessage(t, "cut short", pk.UnmarshalBinary(state[:n]), "state")
	}
	checkMessage(t, "too long", pk.UnmarshalBinary(append(slices.Clone(state), 0)), "damaged")
	double := slices.Clone(state)
	double[len(double)-1] = double[len(double)-2]
	checkMessage(t, "a card twice", pk.UnmarshalBinary(double), "damaged")
	if after, _ := pk.MarshalBinary(); !slices.Equal(after, state) {
		t.Error("a refused state changed the sampler")
	}
}

func FuzzPKState(f *testing.F) {
	set := even(5, 3)
	sampler := func() *PK {
		pk, err := NewPK(set.Labels, cards(set.Len()), 2, 2, 1)
		if err != nil {
			panic(err)
		}
		return pk
	}
	state, _ := sampler().MarshalBinary()
	f.Add(state)
	f.Add(state[:30])
	f.Fuzz(func(_ *testing.T, state []byte) {
		pk := sampler()
		if pk.UnmarshalBinary(state) != nil {
			return
		}
		batch := make([]int, pk.BatchSize())
		for range 10 {
			pk.Next(batch)
		}
	})
}
