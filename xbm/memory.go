package xbm

import (
	"errors"
	"fmt"

	"crossbatch/xbm/pair"
)

// ErrShape is what every error about sizes that do not fit wraps.
var ErrShape = errors.New("sizes do not fit")

// Memory holds the embeddings of past iterations. By default it is a ring: when it
// is full, the oldest row gives way to the newest; see [Policy] for others. It has
// rows from the first Enqueue on; nothing is ever read that was not stored.
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

	held  int   // rows that the memory holds, in the first slots
	next  int   // slot that the next row of a plain ring goes to
	total int64 // rows ever stored

	policy  Policy
	keeper  Keeper  // nil: a plain ring
	maxAge  int64   // 0: none
	numbers []int64 // of each row among all that were ever stored; nil in a plain ring

	writes pair.Writes // into the rows

	norm *norm     // nil: none
	wide []float32 // room for a row

	ranks pair.Ranks  // that the rows are with; nil: all are here
	moved map[int]int // in an Expire, to slot from slot
	lost  error       // of ranks that can't be reached any more
}

// MemoryConfig says what memory to make. Capacity and Dim must be given.
type MemoryConfig struct {
	Capacity int // rows
	Dim      int // numbers in a row

	// Half keeps rows in 16 bits a number, IEEE 754 binary16, at half the room. What
	// is read of a row of unit length is off by 1 part in 2,000 of each number, much
	// less than a row drifts in a step.
	Half bool
	// Policy says which rows stay. Default (nil): Ring.
	Policy Policy
	// MaxAge is the age in steps beyond which a row is dropped, see
	// [Memory.Expire]. Default (0): rows may be of any age. A Reservoir takes none.
	MaxAge int64
	// Norm has rows follow the moments of the current embeddings. Default (nil):
	// they stay as they are.
	Norm *CrossBatchNorm
	// Ranks share out the rows, so that a memory can be larger than one machine's: each
	// keeps the rows of every Size-th slot. Labels, ids and births are on every rank. All
	// ranks call the same methods with the same batches. Not with a Norm. Default (nil): all
	// rows are here.
	Ranks pair.Ranks
}

// New returns an empty memory. It takes 4·Dim+24 bytes a row, with Half 2·Dim+24;
// policies and an age limit take some more. Shared out to n Ranks it takes 4·Dim/n+24. A Capacity or Dim below 1 is an error
// that wraps ErrShape; a setting out of its range, or that the policy refuses, is
// another error.
func (c MemoryConfig) New() (*Memory, error) {
	if c.Capacity < 1 || c.Dim < 1 {
		return nil, fmt.Errorf("xbm: a memory of %d rows of %d numbers: %w: both must be at least 1", c.Capacity, c.Dim, ErrShape)
	}
	m := &Memory{
		dim:     c.Dim,
		labels:  make([]int32, c.Capacity),
		ids:     make([]int64, c.Capacity),
		births:  make([]int64, c.Capacity),
		lengths: make([]float32, c.Capacity),
		policy:  c.Policy, maxAge: c.MaxAge,
	}
	if c.Norm != nil {
		if err := c.Norm.validate(); err != nil {
			return nil, err
		}
		m.norm = newNorm(*c.Norm, c.Dim)
	}
	if err := m.setPolicy(c); err != nil {
		return nil, err
	}
	m.wide = make([]float32, c.Dim)
	if m.ranks = c.Ranks; m.ranks != nil && m.norm != nil {
		return nil, fmt.Errorf("xbm: a memory with cross-batch normalisation, shared out to %d ranks: its moments are of all rows: leave one of them out", m.ranks.Size())
	}
	if rows := m.here(c.Capacity); c.Half {
		m.halves = make([]uint16, rows*c.Dim)
	} else {
		m.rows = make([]float32, rows*c.Dim)
	}
	return m, nil
}

// mostName is how long the name of a policy and its norm can be in a saved memory.
const mostName = 255

func (m *Memory) setPolicy(c MemoryConfig) (err error) {
	if m.policy == nil {
		m.policy = Ring{}
	}
	if m.maxAge < 0 {
		return fmt.Errorf("xbm: rows of at most %d steps: give 0 (no limit) or more", m.maxAge)
	}
	if m.keeper, err = m.policy.Keeper(c); err != nil {
		return err
	}
	if m.keeper == nil && m.maxAge != 0 {
		return fmt.Errorf("xbm: policy %s keeps a plain ring, which has no age limit: give it a Keeper, or no limit", m.policy)
	}
	if name := m.name(); len(name) > mostName {
		return fmt.Errorf("xbm: policy %.40s…: its name has %d bytes: give at most %d", name, len(name), mostName)
	}
	if m.keeper != nil {
		m.numbers = make([]int64, m.Cap())
	}
	return nil
}

// NewMemory returns an empty ring of capacity rows, each dim numbers wide.
func NewMemory(capacity, dim int) (*Memory, error) {
	return MemoryConfig{Capacity: capacity, Dim: dim}.New()
}

// NewHalfMemory is NewMemory with rows in 16 bits a number.
func NewHalfMemory(capacity, dim int) (*Memory, error) {
	return MemoryConfig{Capacity: capacity, Dim: dim, Half: true}.New()
}

// Cap is the number of rows that the memory can hold.
func (m *Memory) Cap() int { return len(m.labels) }

// Dim is the number of numbers in a row.
func (m *Memory) Dim() int { return m.dim }

// Len is the number of rows that the memory holds.
func (m *Memory) Len() int { return m.held }

// Policy says which rows the memory keeps.
func (m *Memory) Policy() Policy { return m.policy }

// MaxAge is the age in steps beyond which a row is dropped; 0: none.
func (m *Memory) MaxAge() int64 { return m.maxAge }

// Next is the slot that the next row of a ring without an age limit will be stored
// in. For others it is 0.
func (m *Memory) Next() int { return m.next }

// oldest is the slot from which on, and round, the rows are in order of age; in
// others than a plain ring they are in no order.
func (m *Memory) oldest() int {
	if m.held < m.Cap() {
		return 0
	}
	return m.next
}

// Total is the number of rows that were ever given to Enqueue.
func (m *Memory) Total() int64 { return m.total }

// Rows is what the memory holds, Len()×Dim() numbers in slot order, which is the
// order of age only until a ring first wraps. With Ranks it is what this rank holds. It aliases the memory: read it, do
// not write it, and only until the next Enqueue, Expire, Reset or restore. It is nil
// in a memory of 16 bits. With a Norm it is not what rows stand for: AppendRows is.
func (m *Memory) Rows() []float32 {
	if m.halves != nil {
		return nil
	}
	return m.rows[:m.here(m.held)*m.dim]
}

// Halves is Rows of a memory of 16 bits, in IEEE 754 binary16; nil in any other.
func (m *Memory) Halves() []uint16 {
	if m.halves == nil {
		return nil
	}
	return m.halves[:m.here(m.held)*m.dim]
}

// AppendRows appends to dst the rows as a loss sees them, in 32 bits a number and
// after all corrections. With Ranks they are those that this rank holds.
func (m *Memory) AppendRows(dst []float32) []float32 { return m.side().AppendRows(dst, m.dim) }

// side is what the memory holds, for a loss.
func (m *Memory) side() pair.Side {
	s := pair.Side{Rows: m.Rows(), Halves: m.Halves(), Labels: m.Labels(), IDs: m.IDs(), Births: m.Births(), Lengths: m.lengths[:m.held], Writes: &m.writes, Ranks: m.ranks}
	if m.norm != nil {
		s.Scale, s.Shift = m.norm.scale, m.norm.shift
	}
	return s
}

// Labels is the class of each row. It aliases like Rows.
func (m *Memory) Labels() []int32 { return m.labels[:m.Len()] }

// IDs is the sample that each row is an embedding of, as given to Enqueue. It
// aliases like Rows.
func (m *Memory) IDs() []int64 { return m.ids[:m.Len()] }

// Births is the training step at which each row was stored. It aliases like
// Rows.
func (m *Memory) Births() []int64 { return m.births[:m.Len()] }
