package xbm

import (
	"errors"
	"fmt"

	"crossbatch/xbm/kernel"
)

// ErrShape is what every error about sizes that do not fit wraps.
var ErrShape = errors.New("sizes do not fit")

// Memory is a ring of the embeddings of past iterations: when it is full, the
// oldest row gives way to the newest. It has rows from the first Enqueue on;
// nothing is ever read that was not stored.
//
// Rows are copied in, so they are detached by construction: a gradient cannot
// reach them. Not safe for concurrent use.
type Memory struct {
	dim    int
	rows   []float32 // capacity × dim, in slot order
	halves []uint16  // in place of rows, in a memory of 16 bits
	labels []int32
	ids    []int64
	births []int64
	// lengths are those of the rows before they were brought to unit length.
	lengths []float32

	next  int   // slot that the next row goes to
	total int64 // rows ever stored
}

// NewMemory returns an empty memory of capacity rows, each dim numbers wide.
// It takes 4·dim+24 bytes a row.
func NewMemory(capacity, dim int) (*Memory, error) {
	m, err := newMemory(capacity, dim)
	if err == nil {
		m.rows = make([]float32, capacity*dim)
	}
	return m, err
}

// newMemory returns a memory that lacks its rows.
func newMemory(capacity, dim int) (*Memory, error) {
	if capacity < 1 || dim < 1 {
		return nil, fmt.Errorf("xbm: a memory of %d rows of %d numbers: %w: both must be at least 1", capacity, dim, ErrShape)
	}
	return &Memory{
		dim:     dim,
		labels:  make([]int32, capacity),
		ids:     make([]int64, capacity),
		births:  make([]int64, capacity),
		lengths: make([]float32, capacity),
	}, nil
}

// NewHalfMemory returns an empty memory that keeps its rows in 16 bits a number,
// IEEE 754 binary16, at half the room: 2·dim+24 bytes a row. What is read of a
// row of unit length is off by 1 part in 2,000 of each number, much less than a
// row drifts in a step.
func NewHalfMemory(capacity, dim int) (*Memory, error) {
	m, err := newMemory(capacity, dim)
	if err == nil {
		m.halves = make([]uint16, capacity*dim)
	}
	return m, err
}

// Cap is the number of rows that the memory can hold.
func (m *Memory) Cap() int { return len(m.labels) }

// Dim is the number of numbers in a row.
func (m *Memory) Dim() int { return m.dim }

// Len is the number of rows that the memory holds.
func (m *Memory) Len() int { return int(min(m.total, int64(len(m.labels)))) }

// Next is the slot that the next row will be stored in.
func (m *Memory) Next() int { return m.next }

// oldest is the slot of the row that was stored first.
func (m *Memory) oldest() int {
	if m.Len() < m.Cap() {
		return 0
	}
	return m.next
}

// Total is the number of rows that were ever stored.
func (m *Memory) Total() int64 { return m.total }

// Rows is what the memory holds, Len()×Dim() numbers in slot order, which is the
// order of age only until the ring first wraps. It aliases the memory: read it,
// do not write it, and only until the next Enqueue, Reset or restore. It is nil
// in a memory of 16 bits.
func (m *Memory) Rows() []float32 {
	if m.halves != nil {
		return nil
	}
	return m.rows[:m.Len()*m.dim]
}

// Halves is Rows of a memory of 16 bits, in IEEE 754 binary16; nil in any other.
func (m *Memory) Halves() []uint16 {
	if m.halves == nil {
		return nil
	}
	return m.halves[:m.Len()*m.dim]
}

// AppendRows appends Rows, or Halves in 32 bits a number, to dst.
func (m *Memory) AppendRows(dst []float32) []float32 {
	if m.halves == nil {
		return append(dst, m.Rows()...)
	}
	old := len(dst)
	dst = append(dst, make([]float32, m.Len()*m.dim)...)
	kernel.FromHalf(dst[old:], m.Halves())
	return dst
}

// Labels is the class of each row. It aliases like Rows.
func (m *Memory) Labels() []int32 { return m.labels[:m.Len()] }

// IDs is the sample that each row is an embedding of, as given to Enqueue. It
// aliases like Rows.
func (m *Memory) IDs() []int64 { return m.ids[:m.Len()] }

// Births is the training step at which each row was stored. It aliases like
// Rows.
func (m *Memory) Births() []int64 { return m.births[:m.Len()] }

// Reset empties the memory.
func (m *Memory) Reset() { m.next, m.total = 0, 0 }

// Enqueue copies rows (n×dim) with their labels and sample ids into the ring,
// all born at the given step, and stores in slots, which has n places, where
// each row went. The batch may have any size: if it has more rows than the
// memory, its newest rows stay and the slot of the others is -1. ids may be
// nil, and so may slots. Nothing is allocated, and after an error nothing has
// changed.
func (m *Memory) Enqueue(slots []int, rows []float32, labels []int32, ids []int64, step int64) error {
	n := len(labels)
	switch {
	case len(rows) != n*m.dim:
		return fmt.Errorf("xbm: enqueue: %d numbers for %d labels and rows of %d: %w", len(rows), n, m.dim, ErrShape)
	case ids != nil && len(ids) != n:
		return fmt.Errorf("xbm: enqueue: %d ids for %d labels: %w", len(ids), n, ErrShape)
	case slots != nil && len(slots) != n:
		return fmt.Errorf("xbm: enqueue: room for %d slots and %d labels: %w", len(slots), n, ErrShape)
	}
	skip := max(0, n-m.Cap())
	for i := range n {
		if i < skip {
			if slots != nil {
				slots[i] = -1
			}
			continue
		}
		if m.halves != nil {
			kernel.ToHalf(m.halves[m.next*m.dim:(m.next+1)*m.dim], rows[i*m.dim:(i+1)*m.dim])
		} else {
			copy(m.rows[m.next*m.dim:(m.next+1)*m.dim], rows[i*m.dim:(i+1)*m.dim])
		}
		m.labels[m.next] = labels[i]
		m.ids[m.next] = unknownID
		if ids != nil {
			m.ids[m.next] = ids[i]
		}
		m.births[m.next] = step
		m.lengths[m.next] = 1
		if slots != nil {
			slots[i] = m.next
		}
		m.next++
		if m.next == m.Cap() {
			m.next = 0
		}
	}
	m.total += int64(n)
	return nil
}

// unknownID is stored for rows that came without a sample id.
const unknownID = -1
