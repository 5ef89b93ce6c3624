package xbm

import (
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
)

// ErrState is what every error about a damaged or foreign state wraps.
var ErrState = errors.New("not a state of this memory")

// AppendBinary appends the exact state of the memory to b: what UnmarshalBinary
// restores goes on as if it had never stopped. The error is nil but for a policy
// that returns one.
func (m *Memory) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, stateMagic...)
	for _, v := range [stateNumbers]int64{int64(m.Cap()), int64(m.dim), int64(m.bits()), m.total, int64(m.next), int64(m.held), m.maxAge} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	name := m.name()
	b = append(append(b, byte(len(name))), name...)
	for i := range m.Len() {
		b = binary.LittleEndian.AppendUint32(b, uint32(m.labels[i]))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.ids[i]))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.births[i]))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(m.lengths[i]))
		if m.halves != nil {
			for _, x := range m.halves[i*m.dim : (i+1)*m.dim] {
				b = binary.LittleEndian.AppendUint16(b, x)
			}
			continue
		}
		for _, x := range m.rows[i*m.dim : (i+1)*m.dim] {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
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
// capacity, dim, bits, policy and age limit. After an error, which wraps ErrState
// or ErrShape, nothing has changed. For a plain ring it allocates nothing.
func (m *Memory) UnmarshalBinary(data []byte) error {
	header, body, err := m.stateHeader(data)
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
		err = m.restoreKeeper(held, rows, rest, total)
	} else if len(rest) != 0 {
		err = fmt.Errorf("%d bytes after %d rows: %w", len(rest), held, ErrState)
	}
	if err != nil {
		return fmt.Errorf("xbm: restore: %w", err)
	}
	for i := range held {
		m.restoreRow(i, rows[i*m.stateRow():])
	}
	if m.norm != nil {
		m.norm.restore(moments, held)
	}
	m.total, m.next, m.held = total, int(next), held
	return nil
}

// stateHeader takes a state's header off.
func (m *Memory) stateHeader(data []byte) (header [stateNumbers]int64, body []byte, err error) {
	if len(data) < stateHeader || string(data[:len(stateMagic)]) != stateMagic {
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

func (m *Memory) restoreRow(i int, row []byte) {
	m.writes.Add(i)
	m.labels[i] = int32(binary.LittleEndian.Uint32(row))
	m.ids[i] = int64(binary.LittleEndian.Uint64(row[4:]))
	m.births[i] = int64(binary.LittleEndian.Uint64(row[12:]))
	m.lengths[i] = math.Float32frombits(binary.LittleEndian.Uint32(row[20:]))
	for k := range m.dim {
		if m.halves != nil {
			m.halves[i*m.dim+k] = binary.LittleEndian.Uint16(row[24+2*k:])
			continue
		}
		m.rows[i*m.dim+k] = math.Float32frombits(binary.LittleEndian.Uint32(row[24+4*k:]))
	}
}

// restoreKeeper restores what is not of a plain ring. After an error nothing has
// changed.
func (m *Memory) restoreKeeper(held int, rows, rest []byte, total int64) error {
	if len(rest) < 8*held {
		return fmt.Errorf("%d bytes for the order of %d rows: %w", len(rest), held, ErrState)
	}
	numbers, rest := rest[:8*held], rest[8*held:]
	slots, labels, ids := make([]int, held), make([]int32, held), make([]int64, held)
	number := func(slot int) int64 { return int64(binary.LittleEndian.Uint64(numbers[8*slot:])) }
	for i := range held {
		slots[i] = i
		labels[i] = int32(binary.LittleEndian.Uint32(rows[i*m.stateRow():]))
		ids[i] = int64(binary.LittleEndian.Uint64(rows[i*m.stateRow()+4:]))
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
func (m *Memory) stateRow() int { return 24 + m.bits()/8*m.dim }

// bits is the size of a number of a row.
func (m *Memory) bits() int {
	if m.halves != nil {
		return 16
	}
	return 32
}
