package checkpoint

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// Content is a checkpoint that was read.
type Content struct {
	names []string
	data  map[string][]byte
}

// Names are the sections' names, in the order of the file.
func (c *Content) Names() []string { return slices.Clone(c.names) }

// Data is what a section holds, nil where there is no such. It aliases the file.
func (c *Content) Data(name string) []byte { return c.data[name] }

// Parse takes a checkpoint apart. Its errors wrap ErrCorrupt or ErrVersion. The
// content aliases file; nothing else is allocated but names and places, less than
// the file's size.
func Parse(file []byte) (*Content, error) {
	if err := checkHeader(file); err != nil {
		return nil, err
	}
	end := len(file) - trailer
	if end < header {
		return nil, corrupt(len(file), "the file is cut short")
	}
	rest := file[end:]
	if size := binary.LittleEndian.Uint64(rest[6:]); size != uint64(len(file)) {
		return nil, corrupt(end+6, "the file has %d bytes and ends as one of %d", len(file), size)
	}
	if sum := crc32.Checksum(file[:len(file)-checksum], castagnoli()); sum != binary.LittleEndian.Uint32(rest[14:]) {
		// A section's own checksum says better where.
		if _, err := sections(file[:end]); err != nil {
			return nil, err
		}
		return nil, corrupt(end, "the checksum of the file is another")
	}
	c, err := sections(file[:end])
	if err != nil {
		return nil, err
	}
	if n := binary.LittleEndian.Uint32(rest[2:]); binary.LittleEndian.Uint16(rest) != 0 || n != uint32(len(c.names)) {
		return nil, corrupt(end, "there are %d sections, and should be %d", len(c.names), n)
	}
	return c, nil
}

func corrupt(offset int, format string, values ...any) error {
	return fmt.Errorf("checkpoint: byte %d: %s: %w", offset, fmt.Sprintf(format, values...), ErrCorrupt)
}

func checkHeader(file []byte) error {
	if len(file) < header {
		return corrupt(len(file), "the file is cut short")
	}
	if string(file[:len(magic)]) != magic {
		return corrupt(0, "it begins as no checkpoint does")
	}
	if crc32.Checksum(file[:header-checksum], castagnoli()) != binary.LittleEndian.Uint32(file[header-checksum:]) {
		return corrupt(len(magic), "the checksum of the version is another")
	}
	if v := binary.LittleEndian.Uint32(file[len(magic):]); v != Version {
		return fmt.Errorf("checkpoint: it has version %d and this program reads %d: go on with the program that wrote it: %w", v, Version, ErrVersion)
	}
	return nil
}

// sections reads the sections of a file without its trailer.
func sections(file []byte) (*Content, error) {
	c := &Content{data: map[string][]byte{}}
	at := header
	for at < len(file) {
		rest := file[at:]
		if len(rest) < perName+checksum {
			return nil, corrupt(at, "a section is cut short")
		}
		name, data := uint64(binary.LittleEndian.Uint16(rest)), binary.LittleEndian.Uint64(rest[2:])
		room := uint64(len(rest) - perName - checksum)
		if name == 0 || name > room || data > room-name {
			return nil, corrupt(at, "a section of %d and %d bytes has %d", name, data, room)
		}
		size := perName + int(name+data)
		if crc32.Checksum(rest[:size], castagnoli()) != binary.LittleEndian.Uint32(rest[size:]) {
			return nil, corrupt(at, "the checksum of section %.50q is another", rest[perName:perName+name])
		}
		text := string(rest[perName : perName+name])
		if _, twice := c.data[text]; twice {
			return nil, corrupt(at, "section %.50q is there twice", text)
		}
		c.names = append(c.names, text)
		c.data[text] = rest[perName+name : size]
		at += size + checksum
	}
	return c, nil
}

// Restore gives each section its data, in the order of the list, until one
// refuses. Every section of the list must be in the checkpoint, and no others.
func (c *Content) Restore(list []Section) error {
	listed := map[string]bool{}
	for _, s := range list {
		data, there := c.data[s.Name]
		if !there {
			return fmt.Errorf("checkpoint: it has no section %s, which this training has: %w", s.Name, ErrVersion)
		}
		if err := s.State.UnmarshalBinary(data); err != nil {
			return fmt.Errorf("checkpoint: section %s: %w", s.Name, err)
		}
		listed[s.Name] = true
	}
	for _, name := range c.names {
		if !listed[name] {
			return fmt.Errorf("checkpoint: it has a section %.50q, which this training has not: %w", name, ErrVersion)
		}
	}
	return nil
}
