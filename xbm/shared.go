package xbm

import (
	"fmt"
	"maps"
	"slices"

	"crossbatch/xbm/kernel"
)

// Of a memory whose rows are shared out to ranks, all know what is in each slot, and so
// where a policy puts the next row; the rank that a slot belongs to stores its numbers.

// place is where the row of a slot is among those that are here, if it is here.
func (m *Memory) place(slot int) (k int, here bool) {
	if m.ranks == nil {
		return slot, true
	}
	size := m.ranks.Size()
	return slot / size, slot%size == m.ranks.Rank()
}

// here is how many of the first slots' rows are here.
func (m *Memory) here(slots int) int {
	if m.ranks == nil {
		return slots
	}
	size := m.ranks.Size()
	return (slots - m.ranks.Rank() + size - 1) / size
}

// storeShared is store of a memory that is shared out.
func (m *Memory) storeShared(slot int, row []float32) {
	k, here := m.place(slot)
	switch {
	case !here:
	case m.halves != nil:
		kernel.ToHalf(m.halves[k*m.dim:(k+1)*m.dim], row)
	default:
		copy(m.rows[k*m.dim:], row)
	}
	m.writes.Add(slot)
}

// numbersOf stores row k of those that are here in dst.
func (m *Memory) numbersOf(dst []float32, k int) {
	if m.halves != nil {
		kernel.FromHalf(dst, m.halves[k*m.dim:(k+1)*m.dim])
		return
	}
	copy(dst, m.rows[k*m.dim:(k+1)*m.dim])
}

// moves notes that the row of slot from goes to slot to: they may be with two ranks.
func (m *Memory) moves(to, from int) {
	if m.moved == nil {
		m.moved = map[int]int{}
	}
	if source, moved := m.moved[from]; moved {
		delete(m.moved, from)
		from = source
	}
	m.moved[to] = from
}

// exchange has the rows go where moves has noted. An error stays for Match to return.
func (m *Memory) exchange() {
	if len(m.moved) == 0 {
		return
	}
	slots := slices.Sorted(maps.Keys(m.moved))
	rows := make([]float32, len(slots)*m.dim)
	for i, to := range slots {
		if k, here := m.place(m.moved[to]); here {
			m.numbersOf(rows[i*m.dim:(i+1)*m.dim], k)
		}
	}
	if m.lost = m.ranks.Add(rows); m.lost != nil {
		m.lost = fmt.Errorf("xbm: rows between ranks: %w", m.lost)
		return
	}
	for i, to := range slots {
		if to < m.held {
			m.storeShared(to, rows[i*m.dim:(i+1)*m.dim])
		}
	}
	clear(m.moved)
}
