package xbm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The state of a memory, all little-endian: the magic, then as 64-bit numbers
// the capacity, the dim, the bits of a number, the rows ever stored and the next
// slot, then for each row that is held, in slot order, its label (32 bits), id
// (64), birth (64), length (32) and numbers (32 each, or 16).
const (
	stateMagic  = "xbm memory 3\n"
	stateHeader = len(stateMagic) + 5*8
)

// ErrState is what every error about a damaged or foreign state wraps.
var ErrState = errors.New("not a state of this memory")

// AppendBinary appends the exact state of the memory to b: what UnmarshalBinary
// restores goes on as if it had never stopped. The error is always nil.
func (m *Memory) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, stateMagic...)
	for _, v := range []int64{int64(m.Cap()), int64(m.dim), int64(m.bits()), m.total, int64(m.next)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
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
	return b, nil
}

// MarshalBinary is AppendBinary to a new slice.
func (m *Memory) MarshalBinary() ([]byte, error) {
	return m.AppendBinary(make([]byte, 0, stateHeader+m.Len()*m.stateRow()))
}

// UnmarshalBinary restores what AppendBinary wrote, into a memory of the same
// capacity, dim and bits. It allocates nothing; after an error, which wraps ErrState
// or ErrShape, nothing has changed.
func (m *Memory) UnmarshalBinary(data []byte) error {
	if len(data) < stateHeader || string(data[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("xbm: restore: the first %d bytes are not its header: %w", stateHeader, ErrState)
	}
	var header [5]int64
	for i := range header {
		header[i] = int64(binary.LittleEndian.Uint64(data[len(stateMagic)+8*i:]))
	}
	capacity, dim, bits, total, next := header[0], header[1], header[2], header[3], header[4]
	if capacity != int64(m.Cap()) || dim != int64(m.dim) || bits != int64(m.bits()) {
		return fmt.Errorf("xbm: restore: the state is of %d rows of %d numbers of %d bits, the memory of %d of %d of %d: %w",
			capacity, dim, bits, m.Cap(), m.dim, m.bits(), ErrShape)
	}
	if total < 0 || next < 0 || next >= capacity || (total < capacity && next != total) {
		return fmt.Errorf("xbm: restore: slot %d after %d rows: %w", next, total, ErrState)
	}
	held := int(min(total, capacity))
	body := data[stateHeader:]
	if len(body) != held*m.stateRow() {
		return fmt.Errorf("xbm: restore: %d bytes for %d rows of %d bytes: %w", len(body), held, m.stateRow(), ErrState)
	}
	for i := range held {
		row := body[i*m.stateRow():]
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
	m.total, m.next = total, int(next)
	return nil
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
