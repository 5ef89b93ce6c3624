package data

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// Fingerprint returns a line of text that identifies the set: its sizes, and checksums of the
// labels, the names of the classes and all pixels or features. It reads the whole set.
func (s *Set) Fingerprint() string {
	table := crc32.MakeTable(crc32.Castagnoli)
	var labels, names, pixels uint32
	var b []byte
	// Of a set of any size, a little at a time.
	const block = 1 << 14
	for first := 0; first < len(s.Labels); first += block {
		b = b[:0]
		for _, label := range s.Labels[first:min(first+block, len(s.Labels))] {
			b = binary.LittleEndian.AppendUint32(b, uint32(label))
		}
		labels = crc32.Update(labels, table, b)
	}
	for _, name := range s.ClassNames {
		b = append(append(b[:0], name...), 0)
		names = crc32.Update(names, table, b)
	}
	pixels = crc32.Update(pixels, table, s.Pixels)
	for first := 0; first < len(s.Features); first += block {
		b = b[:0]
		for _, x := range s.Features[first:min(first+block, len(s.Features))] {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		pixels = crc32.Update(pixels, table, b)
	}
	for _, place := range s.places {
		pixels = crc32.Update(pixels, table, binary.LittleEndian.AppendUint32(b[:0], uint32(place)))
	}
	return fmt.Sprintf("%d images of %d classes, %d×%d×%d, labels %08x, names %08x, pixels %08x",
		s.Len(), s.Classes(), s.Channels, s.Height, s.Width, labels, names, pixels)
}
