package xbm

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// The state of a memory, all little-endian: the magic, then as 64-bit numbers
// the capacity, the dim, the bits of a number, the rows ever stored, the next
// slot, the rows held and the age limit, then the length of the policy's name (8
// bits) and the name, with that of a norm after it; then for each row that is held,
// in slot order, its label (32 bits), id (64), birth (64), length (32) and numbers
// (32 each, or 16). A norm has its state then. A memory that is no plain ring has for
// each row its number among all that were stored (64), and then the state of the
// policy, where that has one: a reservoir's random generator.
const (
	stateMagic   = "xbm memory 4\n"
	stateNumbers = 7
	stateHeader  = len(stateMagic) + stateNumbers*8 + 1
	stateHead    = 24 // of a row, before its numbers
)

// ErrState is what every error about a damaged or foreign state wraps.
var ErrState = errors.New("not a state of this memory")

// AppendBinary appends the exact state of the memory to b: what UnmarshalBinary
// restores goes on as if it had never stopped. With Ranks it is the state of this rank,
// which such a rank restores; see [Memory.WriteState] for that of all. The error is nil
// but for a policy that returns one.
func (m *Memory) AppendBinary(b []byte) ([]byte, error) {
	b = m.appendHeader(b, m.magic())
	for i := range m.Len() {
		b = m.appendHead(b, i)
		if m.ranks == nil {
			b = m.appendNumbers(b, i)
		}
	}
	if m.ranks != nil {
		for k := range m.here(m.held) {
			b = m.appendNumbers(b, k)
		}
	}
	return m.appendOrder(b)
}

func (m *Memory) appendHeader(b []byte, magic string) []byte {
	b = append(b, magic...)
	for _, v := range [stateNumbers]int64{int64(m.Cap()), int64(m.dim), int64(m.bits()), m.total, int64(m.next), int64(m.held), m.maxAge} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	name := m.name()
	return append(append(b, byte(len(name))), name...)
}

// appendHead appends what there is to know of the row in a slot beside its numbers.
func (m *Memory) appendHead(b []byte, slot int) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(m.labels[slot]))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.ids[slot]))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.births[slot]))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(m.lengths[slot]))
}

// appendNumbers appends row k of those that are here.
func (m *Memory) appendNumbers(b []byte, k int) []byte {
	if m.halves != nil {
		for _, x := range m.halves[k*m.dim : (k+1)*m.dim] {
			b = binary.LittleEndian.AppendUint16(b, x)
		}
		return b
	}
	for _, x := range m.rows[k*m.dim : (k+1)*m.dim] {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// appendOrder appends what follows the rows.
func (m *Memory) appendOrder(b []byte) ([]byte, error) {
	if m.norm != nil {
		b = m.norm.appendBinary(b)
	}
	if m.keeper != nil {
		for _, number := range m.numbers[:m.held] {
			b = binary.LittleEndian.AppendUint64(b, uint64(number))
		}
	}
	if k, ok := m.keeper.(encoding.BinaryAppender); ok {
		return k.AppendBinary(b)
	}
	return b, nil
}

// MarshalBinary is AppendBinary to a new slice.
func (m *Memory) MarshalBinary() ([]byte, error) {
	return m.AppendBinary(make([]byte, 0, stateHeader+m.Len()*(m.stateRow()+8)+64))
}

// UnmarshalBinary restores what AppendBinary wrote, into a memory of the same
// capacity, dim, bits, policy and age limit. A memory with Ranks also restores its rows
// of the state of a whole one. After an error, which wraps ErrState or ErrShape, nothing
// has changed. For a plain ring it allocates nothing.
func (m *Memory) UnmarshalBinary(data []byte) error {
	if m.ranks != nil && bytes.HasPrefix(data, []byte(rankMagic)) {
		return m.unmarshalRank(data)
	}
	header, body, err := m.stateHeader(data, stateMagic)
	if err != nil {
		return err
	}
	total, next, held := header[3], header[4], int(header[5])
	if len(body) < held*m.stateRow() {
		return fmt.Errorf("xbm: restore: %d bytes for %d rows: %w", len(body), held, ErrState)
	}
	rows, rest := body[:held*m.stateRow()], body[held*m.stateRow():]
	var moments []byte
	if m.norm != nil {
		if moments, rest, err = m.norm.check(rest); err != nil {
			return err
		}
	}
	if m.keeper != nil {
		err = m.restoreKeeper(held, func(i int) []byte { return rows[i*m.stateRow():] }, rest, total)
	} else if len(rest) != 0 {
		err = fmt.Errorf("%d bytes after %d rows: %w", len(rest), held, ErrState)
	}
	if err != nil {
		return fmt.Errorf("xbm: restore: %w", err)
	}
	for i := range held {
		row := rows[i*m.stateRow():]
		m.restoreHead(i, row)
		if k, here := m.place(i); here {
			m.restoreNumbers(k, row[stateHead:])
		}
	}
	if m.norm != nil {
		m.norm.restore(moments, held)
	}
	m.total, m.next, m.held = total, int(next), held
	return nil
}

// stateHeader takes a state's header off.
func (m *Memory) stateHeader(data []byte, magic string) (header [stateNumbers]int64, body []byte, err error) {
	if len(data) < stateHeader || string(data[:len(magic)]) != magic {
		return header, nil, fmt.Errorf("xbm: restore: the first %d bytes are not its header: %w", stateHeader, ErrState)
	}
	for i := range header {
		header[i] = int64(binary.LittleEndian.Uint64(data[len(stateMagic)+8*i:]))
	}
	capacity, dim, bits, total, next, held, maxAge := header[0], header[1], header[2], header[3], header[4], header[5], header[6]
	if capacity != int64(m.Cap()) || dim != int64(m.dim) || bits != int64(m.bits()) {
		return header, nil, fmt.Errorf("xbm: restore: the state is of %d rows of %d numbers of %d bits, the memory of %d of %d of %d: %w",
			capacity, dim, bits, m.Cap(), m.dim, m.bits(), ErrShape)
	}
	body = data[stateHeader:]
	length := int(data[stateHeader-1])
	if len(body) < length {
		return header, nil, fmt.Errorf("xbm: restore: the header is cut short: %w", ErrState)
	}
	name, body := string(body[:length]), body[length:]
	if name != m.name() || maxAge != m.maxAge {
		return header, nil, fmt.Errorf("xbm: restore: the state is of policy %s with rows of at most %d steps, the memory of %s with %d: %w",
			name, maxAge, m.name(), m.maxAge, ErrShape)
	}
	plain := m.keeper == nil && held == min(total, capacity) && (total >= capacity || next == total)
	kept := m.keeper != nil && held <= min(total, capacity) && next == 0
	if total < 0 || next < 0 || next >= capacity || held < 0 || !plain && !kept {
		return header, nil, fmt.Errorf("xbm: restore: slot %d and %d rows after %d: %w", next, held, total, ErrState)
	}
	return header, body, nil
}

func (m *Memory) restoreHead(slot int, head []byte) {
	m.writes.Add(slot)
	m.labels[slot] = int32(binary.LittleEndian.Uint32(head))
	m.ids[slot] = int64(binary.LittleEndian.Uint64(head[4:]))
	m.births[slot] = int64(binary.LittleEndian.Uint64(head[12:]))
	m.lengths[slot] = math.Float32frombits(binary.LittleEndian.Uint32(head[20:]))
}

// restoreNumbers restores row k of those that are here.
func (m *Memory) restoreNumbers(k int, numbers []byte) {
	for i := range m.dim {
		if m.halves != nil {
			m.halves[k*m.dim+i] = binary.LittleEndian.Uint16(numbers[2*i:])
			continue
		}
		m.rows[k*m.dim+i] = math.Float32frombits(binary.LittleEndian.Uint32(numbers[4*i:]))
	}
}

// restoreKeeper restores what is not of a plain ring, of rows of which head gives what is
// known. After an error nothing has
// changed.
func (m *Memory) restoreKeeper(held int, head func(slot int) []byte, rest []byte, total int64) error {
	if len(rest) < 8*held {
		return fmt.Errorf("%d bytes for the order of %d rows: %w", len(rest), held, ErrState)
	}
	numbers, rest := rest[:8*held], rest[8*held:]
	slots, labels, ids := make([]int, held), make([]int32, held), make([]int64, held)
	number := func(slot int) int64 { return int64(binary.LittleEndian.Uint64(numbers[8*slot:])) }
	for i := range held {
		slots[i] = i
		labels[i] = int32(binary.LittleEndian.Uint32(head(i)))
		ids[i] = int64(binary.LittleEndian.Uint64(head(i)[4:]))
	}
	slices.SortFunc(slots, func(a, b int) int { return cmp.Compare(number(a), number(b)) })
	for i, slot := range slots {
		if n := number(slot); n < 0 || n >= total || i > 0 && n == number(slots[i-1]) {
			return fmt.Errorf("row %d of %d in slot %d: %w", n, total, slot, ErrState)
		}
	}
	k, err := m.policy.Keeper(MemoryConfig{Capacity: m.Cap(), Dim: m.dim, Half: m.halves != nil, Policy: m.policy, MaxAge: m.maxAge})
	if err != nil {
		return err
	}
	if u, ok := k.(encoding.BinaryUnmarshaler); ok {
		if err := u.UnmarshalBinary(rest); err != nil {
			return fmt.Errorf("the state of policy %s: %w: %w", m.policy, err, ErrState)
		}
	} else if len(rest) != 0 {
		return fmt.Errorf("%d bytes after %d rows: %w", len(rest), held, ErrState)
	}
	if err := k.Restore(slots, labels, ids); err != nil {
		return fmt.Errorf("policy %s: %w: %w", m.policy, err, ErrState)
	}
	m.keeper = k
	for i := range held {
		m.numbers[i] = number(i)
	}
	return nil
}

// name is the policy's, and the norm's.
func (m *Memory) name() string {
	if m.norm != nil {
		return m.policy.String() + " with " + m.norm.config.String()
	}
	return m.policy.String()
}

// stateRow is the size of one row's state.
func (m *Memory) stateRow() int { return stateHead + m.bits()/8*m.dim }

// bits is the size of a number of a row.
func (m *Memory) bits() int {
	if m.halves != nil {
		return 16
	}
	return 32
}
