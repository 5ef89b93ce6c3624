package xbm

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"crossbatch/xbm/kernel"
)

// rankMagic begins the state of one rank of a memory that is shared out: after the header
// what is known of all rows, then the numbers of those that are here, then the rest.
const rankMagic = "xbm shared 4\n"

func (m *Memory) magic() string {
	if m.ranks != nil {
		return rankMagic
	}
	return stateMagic
}

// unmarshalRank restores the state of this rank.
func (m *Memory) unmarshalRank(data []byte) error {
	header, body, err := m.stateHeader(data, rankMagic)
	if err != nil {
		return err
	}
	total, next, held := header[3], header[4], int(header[5])
	each, here := m.stateRow()-stateHead, m.here(held)
	if len(body) < held*stateHead+here*each {
		return fmt.Errorf("xbm: restore: %d bytes for %d rows, %d of them here: %w", len(body), held, here, ErrState)
	}
	heads, numbers := body[:held*stateHead], body[held*stateHead:][:here*each]
	if err := m.restoreOrder(held, func(i int) []byte { return heads[i*stateHead:] }, body[len(heads)+len(numbers):], total); err != nil {
		return err
	}
	for i := range held {
		m.restoreHead(i, heads[i*stateHead:])
	}
	for k := range here {
		m.restoreNumbers(k, numbers[k*each:])
	}
	m.total, m.next, m.held = total, int(next), held
	return nil
}

// restoreOrder restores what follows the rows of a memory without a norm.
func (m *Memory) restoreOrder(held int, head func(int) []byte, rest []byte, total int64) (err error) {
	if m.keeper != nil {
		err = m.restoreKeeper(held, head, rest, total)
	} else if len(rest) != 0 {
		err = fmt.Errorf("%d bytes after %d rows: %w", len(rest), held, ErrState)
	}
	if err != nil {
		return fmt.Errorf("xbm: restore: %w", err)
	}
	return nil
}

// AppendContents appends what is known of all rows, which is the same on all Ranks: label,
// id, birth and length.
func (m *Memory) AppendContents(b []byte) []byte {
	for slot := range m.held {
		b = m.appendHead(b, slot)
	}
	return b
}

// StateSize is the number of bytes that WriteState writes.
func (m *Memory) StateSize() (int64, error) {
	order, err := m.appendOrder(nil)
	return int64(len(m.appendHeader(nil, stateMagic))+m.held*m.stateRow()) + int64(len(order)), err
}

// stateRows is how many rows WriteState gathers at a time, unless there are more ranks.
const stateRows = 4096

// WriteState writes the state of the whole memory, as AppendBinary does for one that is
// not shared out: a memory with any number of Ranks restores it. All ranks call it, and w
// may be io.Discard on some. It takes room for a few thousand rows. A rank whose w fails
// goes on with the others to the end.
func (m *Memory) WriteState(w io.Writer) error {
	out := bufio.NewWriter(w) // which keeps the first error
	b := m.appendHeader(nil, stateMagic)
	size := 1
	if m.ranks != nil {
		size = m.ranks.Size()
	}
	each := max(1, stateRows/size)
	part, all := make([]float64, each*m.dim), make([]float64, each*size*m.dim)
	one := Memory{dim: m.dim, rows: make([]float32, m.dim)}
	if m.halves != nil {
		one.halves = make([]uint16, m.dim)
	}
	for first := 0; first < m.held; first += each * size {
		if err := m.gather(all, part, first/size, each); err != nil {
			return err
		}
		for slot := first; slot < min(first+each*size, m.held); slot++ {
			row := all[(slot%size*each+(slot-first)/size)*m.dim:][:m.dim]
			for k, x := range row {
				one.rows[k] = float32(x)
			}
			if m.halves != nil {
				kernel.ToHalf(one.halves, one.rows)
			}
			b = one.appendNumbers(m.appendHead(b, slot), 0)
			_, _ = out.Write(b)
			b = b[:0]
		}
	}
	b, err := m.appendOrder(b)
	_, _ = out.Write(b)
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("xbm: state: %w", err)
	}
	return nil
}

// gather stores n rows of each rank, from the first on, in all.
func (m *Memory) gather(all, part []float64, first, n int) error {
	clear(part)
	for i := range min(n, m.here(m.held)-first) {
		m.numbersOf(m.wide, first+i)
		for k, x := range m.wide {
			part[i*m.dim+k] = float64(x)
		}
	}
	if m.ranks == nil {
		copy(all, part)
		return nil
	}
	if err := m.ranks.Gather(all, part); err != nil {
		return fmt.Errorf("xbm: state: %w", err)
	}
	return nil
}

// ReadState restores what WriteState wrote, as UnmarshalBinary does, in room for one row.
// A memory with Ranks keeps its own rows. After an error the memory is of no use.
func (m *Memory) ReadState(r io.Reader) error {
	if m.norm != nil {
		data, err := io.ReadAll(r)
		if err != nil {
			return fmt.Errorf("xbm: restore: %w", err)
		}
		return m.UnmarshalBinary(data)
	}
	in := bufio.NewReader(r)
	head := make([]byte, stateHeader+len(m.name()))
	if _, err := io.ReadFull(in, head); err != nil {
		return fmt.Errorf("xbm: restore: %w: %w", err, ErrState)
	}
	header, _, err := m.stateHeader(head, stateMagic)
	if err != nil {
		return err
	}
	total, next, held := header[3], header[4], int(header[5])
	row := make([]byte, m.stateRow())
	for i := range held {
		if _, err := io.ReadFull(in, row); err != nil {
			return fmt.Errorf("xbm: restore: row %d of %d: %w: %w", i, held, err, ErrState)
		}
		m.restoreHead(i, row)
		if k, here := m.place(i); here {
			m.restoreNumbers(k, row[stateHead:])
		}
	}
	rest, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("xbm: restore: %w", err)
	}
	if err := m.restoreOrder(held, func(i int) []byte { return m.appendHead(nil, i) }, rest, total); err != nil {
		return err
	}
	m.total, m.next, m.held = total, int(next), held
	return nil
}
