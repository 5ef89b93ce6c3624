package xbm_test

import (
	"encoding/binary"
	"errors"
	"fmt"

	"crossbatch/xbm"
)

// Thinned is a policy from outside: of every so many rows it keeps one, so that a
// memory reaches back as many times further.
type Thinned struct{ Every int64 }

func (p Thinned) String() string { return fmt.Sprintf("thinned:%d", p.Every) }

// Keeper implements [xbm.Policy].
func (p Thinned) Keeper(c xbm.MemoryConfig) (xbm.Keeper, error) {
	if p.Every < 1 || c.MaxAge != 0 {
		return nil, errors.New("thinned: give 1 or more, and no age limit")
	}
	return &thinned{every: p.Every}, nil
}

// thinned has one number of state: the rows that came by.
type thinned struct{ every, seen int64 }

func (k *thinned) Place(m *xbm.Memory, _ int32, _ int64) int {
	k.seen++
	if k.seen%k.every != 0 {
		return -1
	}
	return int((k.seen/k.every - 1) % int64(m.Cap()))
}

func (k *thinned) Remove(*xbm.Memory, int)               {} // rows leave for their age only
func (k *thinned) Move(*xbm.Memory, int, int)            {}
func (k *thinned) Reset()                                { k.seen = 0 }
func (k *thinned) Restore([]int, []int32, []int64) error { return nil }

func (k *thinned) AppendBinary(b []byte) ([]byte, error) {
	return binary.LittleEndian.AppendUint64(b, uint64(k.seen)), nil
}

func (k *thinned) UnmarshalBinary(data []byte) error {
	if len(data) != 8 {
		return errors.New("not 8 bytes")
	}
	k.seen = int64(binary.LittleEndian.Uint64(data))
	return nil
}

// A policy of your own decides which rows stay. Here one row in five does: 4 rows
// reach back 20 steps. It is saved with the memory.
func ExamplePolicy() {
	config := xbm.MemoryConfig{Capacity: 4, Dim: 2, Policy: Thinned{Every: 5}}
	memory, err := config.New()
	if err != nil {
		panic(err)
	}
	store := func(m *xbm.Memory, from, to int64) {
		for step := from; step < to; step++ {
			if err := m.Enqueue(nil, []float32{1, 0}, []int32{0}, nil, step); err != nil {
				panic(err)
			}
		}
	}
	store(memory, 1, 28)
	fmt.Println(memory.Policy(), "holds the rows of steps", memory.Births())

	saved, err := memory.MarshalBinary()
	if err != nil {
		panic(err)
	}
	restored, err := config.New()
	if err != nil {
		panic(err)
	}
	if err := restored.UnmarshalBinary(saved); err != nil {
		panic(err)
	}
	store(restored, 28, 41)
	fmt.Println("restored, and 13 steps later:", restored.Births())
	// Output:
	// thinned:5 holds the rows of steps [25 10 15 20]
	// restored, and 13 steps later: [25 30 35 40]
}
