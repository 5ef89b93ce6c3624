package xbm

import (
	"math/rand/v2"
	"testing"
)

func TestIndexIsAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		room := 1 + rng.IntN(20)
		x, twin := newIndex(room), map[int64]int32{}
		for range 300 {
			key := rng.Int64N(40) - 20
			if rng.IntN(10) == 0 {
				key = rng.Int64() // far ones too
			}
			if rng.IntN(2) == 0 {
				x.remove(key)
				delete(twin, key)
			} else if _, has := twin[key]; has || len(twin) < room {
				value := rng.Int32()
				x.set(key, value)
				twin[key] = value
			}
			for k := int64(-20); k < 20; k++ {
				want, has := twin[k]
				if !has {
					want = -1
				}
				if got := x.get(k); got != want {
					t.Fatalf("room %d: key %d has %d, want %d", room, k, got, want)
				}
			}
			for k, want := range twin {
				if got := x.get(k); got != want {
					t.Fatalf("room %d: key %d has %d, want %d", room, k, got, want)
				}
			}
		}
		x.clear()
		for k := range twin {
			if x.get(k) != -1 {
				t.Fatal("something is left")
			}
		}
	}
}
