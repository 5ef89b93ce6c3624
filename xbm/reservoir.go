package xbm

import (
	"math/rand/v2"
)

// Reservoir keeps a uniform sample of all rows that were ever stored, old and new
// alike: each is in the memory with the same chance. So it is the contrary of a
// ring, for networks that hardly move, and shows what age costs.
//
//	Jeffrey S. Vitter. Random Sampling with a Reservoir. ACM Transactions on
//	Mathematical Software 11, 1985. https://doi.org/10.1145/3147.3165 (algorithm R)
type Reservoir struct{ Seed uint64 }

func (Reservoir) String() string { return "reservoir" }

func (r Reservoir) keeper(int) (keeper, error) {
	k := &reservoir{seed: r.Seed}
	k.reset()
	return k, nil
}

type reservoir struct {
	seed   uint64
	source rand.PCG
}

func (r *reservoir) place(m *Memory, _ int32, _ int64) int {
	if m.held < m.Cap() {
		return m.held
	}
	if slot := rand.New(&r.source).Int64N(m.total + 1); slot < int64(m.held) {
		return int(slot)
	}
	return -1
}

func (r *reservoir) remove(*Memory, int) {}

func (r *reservoir) move(*Memory, int, int) {}

func (r *reservoir) reset() { r.source.Seed(r.seed, reservoirStream) }

func (r *reservoir) take([]int, []int32, []int64) error { return nil }

// reservoirStream keeps its draws apart from others of the same seed.
const reservoirStream = 0x9e5e9
