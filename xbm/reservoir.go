package xbm

import (
	"errors"
	"math/rand/v2"
)

// Reservoir keeps a uniform sample of all rows that were ever stored, old and new
// alike: each is in the memory with the same probability. It is the opposite of a
// ring: it suits networks that hardly move, and beside a ring it shows what the age
// of rows costs.
//
//	Jeffrey S. Vitter. Random Sampling with a Reservoir. ACM Transactions on
//	Mathematical Software 11, 1985. https://doi.org/10.1145/3147.3165 (algorithm R)
type Reservoir struct{ Seed uint64 }

// String is the policy as ParsePolicy reads it; the seed is no part of it.
func (Reservoir) String() string { return "reservoir" }

// Keeper implements [Policy]. It refuses an age limit: a reservoir samples rows of
// all ages.
func (r Reservoir) Keeper(c MemoryConfig) (Keeper, error) {
	if c.MaxAge != 0 {
		return nil, errors.New("xbm: a reservoir samples rows of all ages: give it no age limit")
	}
	k := &reservoir{seed: r.Seed}
	k.Reset()
	return k, nil
}

type reservoir struct {
	seed   uint64
	source rand.PCG
}

func (r *reservoir) Place(m *Memory, _ int32, _ int64) int {
	if m.held < m.Cap() {
		return m.held
	}
	if slot := rand.New(&r.source).Int64N(m.total + 1); slot < int64(m.held) {
		return int(slot)
	}
	return -1
}

func (r *reservoir) Remove(*Memory, int) {}

func (r *reservoir) Move(*Memory, int, int) {}

func (r *reservoir) Reset() { r.source.Seed(r.seed, reservoirStream) }

func (r *reservoir) Restore([]int, []int32, []int64) error { return nil }

// AppendBinary appends the state of the random generator.
func (r *reservoir) AppendBinary(b []byte) ([]byte, error) { return r.source.AppendBinary(b) }

// UnmarshalBinary restores what AppendBinary wrote.
func (r *reservoir) UnmarshalBinary(data []byte) error { return r.source.UnmarshalBinary(data) }

// reservoirStream keeps its draws apart from others of the same seed.
const reservoirStream = 0x9e5e9
