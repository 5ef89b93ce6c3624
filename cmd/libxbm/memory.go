package main

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"crossbatch/xbm"
)

// memory is a memory that calls from several threads share.
type memory struct {
	sync.Mutex
	*xbm.Memory
}

// memoryConfig says what memory to make.
type memoryConfig struct {
	capacity, dim int64
	policy, cure  string
	maxAge        int64
	seed          uint64
	half          bool
}

func (c memoryConfig) new() (*memory, error) {
	policy, err := xbm.ParsePolicy(c.policy, c.seed)
	if err != nil {
		return nil, err
	}
	cure, err := xbm.ParseCure(c.cure)
	if err != nil {
		return nil, err
	}
	if cure.Drift != nil {
		return nil, errors.New("libxbm: the cure sdc needs probes, which the trainer embeds: make the memory without it and call xbm_memory_compensate")
	}
	if err := c.fits(room()); err != nil {
		return nil, err
	}
	m, err := xbm.MemoryConfig{
		Capacity: int(c.capacity), Dim: int(c.dim), Half: c.half, Policy: policy, MaxAge: c.maxAge, Norm: cure.Norm,
	}.New()
	return &memory{Memory: m}, err
}

// fits refuses what the machine has no room for: the allocation would end the
// process.
func (c memoryConfig) fits(room uint64) error {
	number := 4.0
	if c.half {
		number = 2
	}
	size := float64(c.capacity) * (number*float64(c.dim) + 24)
	if c.capacity < 1 || c.dim < 1 || size <= float64(room) || room == 0 && size < math.MaxInt64/2 {
		return nil
	}
	return fmt.Errorf("libxbm: a memory of %d rows of %d numbers takes %.1f GiB, this machine has %.1f: %w",
		c.capacity, c.dim, size/(1<<30), float64(room)/(1<<30), xbm.ErrShape)
}

// stateRoom is a size that a state does not exceed.
func (m *memory) stateRoom() int64 {
	const header, row, dimension = 1024, 24 + 8, 64 // of a row beside its numbers; of a norm's dimension
	return header + int64(m.Len())*(row+4*int64(m.Dim())) + dimension*int64(m.Dim())
}

// save stores the state in dst and returns its size.
func (m *memory) save(dst []byte) (int, error) {
	state, err := m.AppendBinary(dst[:0])
	if err != nil {
		return 0, err
	}
	if len(state) > len(dst) {
		return 0, fmt.Errorf("libxbm: room for %d bytes of a state of %d: %w", len(dst), len(state), xbm.ErrShape)
	}
	return len(state), nil
}

// compensate applies the cure "sdc".
func (m *memory) compensate(text string, before, now []float32, from, to int64) error {
	cure, err := xbm.ParseCure(text)
	if err != nil {
		return err
	}
	if cure.Drift == nil {
		return fmt.Errorf("libxbm: the cure %q is not applied by probes: give sdc", text)
	}
	return cure.Drift.Apply(m.Memory, before, now, from, to)
}
