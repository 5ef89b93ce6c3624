package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// Position is how far a run had been written: what a checkpoint holds of it.
type Position struct {
	Metrics int64  // bytes of the metrics
	Sum     uint32 // CRC-32 with Castagnoli's polynomial of those
	Events  int64  // bytes of the events
}

// ErrChanged says that the files of a run are not as they were.
var ErrChanged = errors.New("it is not what was written there")

const positionSize = 8 + 4 + 8

// AppendBinary appends the three numbers to b, little-endian.
func (p *Position) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(b, uint64(p.Metrics))
	b = binary.LittleEndian.AppendUint32(b, p.Sum)
	return binary.LittleEndian.AppendUint64(b, uint64(p.Events)), nil
}

// UnmarshalBinary restores what AppendBinary wrote.
func (p *Position) UnmarshalBinary(data []byte) error {
	if len(data) != positionSize {
		return fmt.Errorf("record: a position of %d bytes: give %d", len(data), positionSize)
	}
	p.Metrics = int64(binary.LittleEndian.Uint64(data))
	p.Sum = binary.LittleEndian.Uint32(data[8:])
	p.Events = int64(binary.LittleEndian.Uint64(data[12:]))
	if p.Metrics < 0 || p.Events < 0 {
		return fmt.Errorf("record: a position at bytes %d and %d", p.Metrics, p.Events)
	}
	return nil
}

// Check returns an error that wraps ErrChanged if the metrics of the run in dir do
// not begin with what was written up to p. The events, which nothing is made of,
// may be as they are.
func (p *Position) Check(dir string) error {
	path := filepath.Join(dir, MetricsFile)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("record: %w: %w", err, ErrChanged)
	}
	defer func() { _ = f.Close() }() // it was only read
	sum := crc32.New(castagnoli())
	n, err := io.Copy(sum, io.LimitReader(f, p.Metrics))
	switch {
	case err != nil:
		return fmt.Errorf("record: %w", err)
	case n < p.Metrics:
		return fmt.Errorf("record: %s has %d bytes and had %d: %w", path, n, p.Metrics, ErrChanged)
	case sum.Sum32() != p.Sum:
		return fmt.Errorf("record: %s, first %d bytes: %w", path, n, ErrChanged)
	}
	return nil
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
