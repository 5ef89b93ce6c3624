// Package checkpoint keeps the state of a training in files, so that whatever
// happens to one is noticed: named sections under checksums.
//
// A file is, all little-endian:
//
//	magic     16 bytes, "xbm checkpoint\r\n"
//	version   4 bytes, that of what follows
//	checksum  4 bytes, of the two above; these three are so in every version
//
//	for each section:
//	  length    2 bytes, of the name, which is not 0
//	  length    8 bytes, of the data
//	  name      text
//	  data      what the section's owner appended
//	  checksum  4 bytes, of the section up to here
//
//	zero      2 bytes, where another section would begin
//	sections  4 bytes, how many there were
//	length    8 bytes, of the file
//	checksum  4 bytes, of the file up to here
//
// Checksums are CRC-32 with Castagnoli's polynomial, which finds every single
// error of up to 32 bits in a row, and so every bit that is flipped.
//
// Not here: what is in a section, and how a file comes to be whole or not there.
package checkpoint

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// Version is the version of the files that Write makes and Parse reads. It rises
// with every change of their layout, that of the sections included.
const Version = 1

const (
	magic     = "xbm checkpoint\r\n" // a transfer as text would spoil it
	header    = len(magic) + 8
	perName   = 2 + 8 // the lengths before a section's name
	trailer   = 2 + 4 + 8 + checksum
	checksum  = 4
	shortest  = header + trailer
	mostNamed = math.MaxUint16
)

var (
	// ErrCorrupt is what every error about a damaged or foreign file wraps.
	ErrCorrupt = errors.New("the checkpoint is damaged")
	// ErrVersion is what the error about a file of another version wraps.
	ErrVersion = errors.New("the checkpoint is of another version")
)

// State is something that a section holds: what AppendBinary wrote,
// UnmarshalBinary restores exactly.
type State interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// Streamer is a State that is written piece by piece, as it may be larger than memory.
type Streamer interface {
	State
	// StateSize is the number of bytes that WriteState writes.
	StateSize() (int64, error)
	// WriteState writes what AppendBinary would append.
	WriteState(w io.Writer) error
}

// Section is a named part of a checkpoint.
type Section struct {
	Name  string
	State State
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// Write writes a checkpoint of the sections, whose names are distinct. It takes
// memory for the largest of them that is no [Streamer].
func Write(w io.Writer, sections []Section) error {
	out := &summed{w: w}
	b := appendHeader(nil, Version)
	out.write(b)
	for i, s := range sections {
		if s.Name == "" || len(s.Name) > mostNamed {
			return fmt.Errorf("checkpoint: section %d has a name of %d bytes: give 1 to %d", i, len(s.Name), mostNamed)
		}
		b = binary.LittleEndian.AppendUint16(b[:0], uint16(len(s.Name)))
		b = append(b, make([]byte, 8)...)
		b = append(b, s.Name...)
		if stream, ok := s.State.(Streamer); ok {
			if err := out.stream(b, stream); err != nil {
				return fmt.Errorf("checkpoint: section %s: %w", s.Name, err)
			}
			continue
		}
		var err error
		if b, err = s.State.AppendBinary(b); err != nil {
			return fmt.Errorf("checkpoint: section %s: %w", s.Name, err)
		}
		binary.LittleEndian.PutUint64(b[2:], uint64(len(b)-perName-len(s.Name)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
		out.write(b)
	}
	b = append(b[:0], 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(sections)))
	b = binary.LittleEndian.AppendUint64(b, uint64(out.size+trailer))
	out.write(b)
	out.write(binary.LittleEndian.AppendUint32(nil, out.sum))
	return out.err
}

func appendHeader(b []byte, version uint32) []byte {
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

// summed writes until an error, and sums up.
type summed struct {
	w    io.Writer
	sum  uint32
	size int
	err  error
}

func (s *summed) write(b []byte) {
	if s.err != nil {
		return
	}
	s.sum = crc32.Update(s.sum, castagnoli(), b)
	s.size += len(b)
	_, s.err = s.w.Write(b)
}

// stream writes a section of which b is the beginning.
func (s *summed) stream(b []byte, of Streamer) error {
	size, err := of.StateSize()
	if err != nil {
		return err
	}
	binary.LittleEndian.PutUint64(b[2:], uint64(size))
	section := &summed{w: writing{s}}
	section.write(b)
	if err := of.WriteState(writing{section}); err != nil {
		return err
	}
	if written := int64(section.size - len(b)); section.err == nil && written != size {
		return fmt.Errorf("%d bytes were said to be %d", written, size)
	}
	s.write(binary.LittleEndian.AppendUint32(nil, section.sum))
	return nil
}

// writing is a summed as a writer.
type writing struct{ to *summed }

func (w writing) Write(b []byte) (int, error) {
	w.to.write(b)
	if w.to.err != nil {
		return 0, w.to.err
	}
	return len(b), nil
}
