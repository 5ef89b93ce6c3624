package xbm

import (
	"fmt"

	"crossbatch/xbm/kernel"
)

// Enqueue copies rows (n×dim) with their labels and sample ids into the memory, all
// born at the given step, and stores in slots, which has n places, where each row is
// when it returns: -1 for a row that is not kept, or not any more. The batch may
// have any size: if a ring gets more rows than it has room for, the newest stay. ids
// may be nil, and so may slots. Lengths that do not fit are an error that wraps
// ErrShape, and then nothing has changed. Nothing is allocated.
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
	first := m.total
	for i := range n {
		id := int64(UnknownID)
		if ids != nil {
			id = ids[i]
		}
		slot := -1
		if m.keeper != nil {
			slot = m.keeper.Place(m, labels[i], id)
			m.mustHold(slot)
		} else if i >= n-m.Cap() {
			slot = m.next
			m.next = (m.next + 1) % m.Cap()
		}
		m.total++
		if slots != nil {
			slots[i] = slot
		}
		if slot < 0 {
			continue
		}
		if m.keeper != nil {
			if before := m.numbers[slot] - first; slots != nil && slot < m.held && before >= 0 {
				slots[before] = -1 // a row of this very batch gave way
			}
			m.numbers[slot] = first + int64(i)
		}
		if m.norm != nil && slot < m.held {
			m.norm.sums.drop(m.row(slot))
		}
		m.held = max(m.held, slot+1)
		m.store(slot, rows[i*m.dim:(i+1)*m.dim])
		m.labels[slot], m.ids[slot], m.births[slot], m.lengths[slot] = labels[i], id, step, 1
	}
	return nil
}

// mustHold panics where a policy names a slot that cannot be.
func (m *Memory) mustHold(slot int) {
	if slot < -1 || slot > m.held || slot >= m.Cap() {
		panic(fmt.Sprintf("xbm: policy %s places a row in slot %d of a memory of %d rows with room for %d", m.policy, slot, m.held, m.Cap()))
	}
}

func (m *Memory) store(slot int, row []float32) {
	if m.ranks != nil {
		m.storeShared(slot, row)
		return
	}
	if m.norm != nil {
		row = m.norm.toHeld(row)
	}
	if m.halves != nil {
		kernel.ToHalf(m.halves[slot*m.dim:(slot+1)*m.dim], row)
	} else {
		copy(m.rows[slot*m.dim:], row)
	}
	m.writes.Add(slot)
	if m.norm != nil {
		m.norm.sums.add(m.row(slot))
	}
}

// row is a row as it is held, valid until the next call.
func (m *Memory) row(slot int) []float32 {
	if m.halves == nil {
		return m.rows[slot*m.dim : (slot+1)*m.dim]
	}
	kernel.FromHalf(m.wide, m.halves[slot*m.dim:(slot+1)*m.dim])
	return m.wide
}

// Match has the rows of a memory with a Norm follow the moments of current unit rows
// (n×Dim); without one it does nothing. [CrossBatch] calls it before a batch is
// stored.
func (m *Memory) Match(rows []float32) error {
	if m.lost != nil {
		return m.lost
	}
	if len(rows)%m.dim != 0 || len(rows) == 0 {
		return fmt.Errorf("xbm: match: %d numbers for rows of %d: %w", len(rows), m.dim, ErrShape)
	}
	if m.norm != nil {
		m.norm.match(rows)
	}
	return nil
}

// Expire drops the rows that are more than MaxAge steps older than step; the last
// rows take their slots. Where there is no age limit it does nothing. [CrossBatch]
// calls it.
func (m *Memory) Expire(step int64) {
	if m.maxAge == 0 {
		return
	}
	for slot := m.held - 1; slot >= 0; slot-- {
		if step-m.births[slot] > m.maxAge {
			m.remove(slot)
		}
	}
	m.exchange()
}

// stale is how many rows Expire would drop.
func (m *Memory) stale(step int64) (n int) {
	if m.maxAge == 0 {
		return 0
	}
	for _, birth := range m.Births() {
		if step-birth > m.maxAge {
			n++
		}
	}
	return n
}

// remove drops a row.
func (m *Memory) remove(slot int) {
	if m.norm != nil {
		m.norm.sums.drop(m.row(slot))
	}
	m.keeper.Remove(m, slot)
	m.held--
	last := m.held
	if slot == last {
		return
	}
	m.keeper.Move(m, last, slot)
	if m.ranks != nil {
		m.moves(slot, last)
	} else if m.halves != nil {
		copy(m.halves[slot*m.dim:(slot+1)*m.dim], m.halves[last*m.dim:])
	} else {
		copy(m.rows[slot*m.dim:(slot+1)*m.dim], m.rows[last*m.dim:])
	}
	m.writes.Add(slot)
	m.labels[slot], m.ids[slot], m.births[slot] = m.labels[last], m.ids[last], m.births[last]
	m.lengths[slot], m.numbers[slot] = m.lengths[last], m.numbers[last]
}

// Reset empties the memory.
func (m *Memory) Reset() {
	m.held, m.next, m.total = 0, 0, 0
	if m.keeper != nil {
		m.keeper.Reset()
	}
	if m.norm != nil {
		m.norm.reset()
	}
}
