package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
)

// text is a state of any bytes, but not of "bad".
type text []byte

func (s *text) AppendBinary(b []byte) ([]byte, error) { return append(b, *s...), nil }

func (s *text) UnmarshalBinary(data []byte) error {
	if string(data) == "bad" {
		return errors.New("bad")
	}
	*s = bytes.Clone(data)
	return nil
}

func list(of ...string) (sections []Section) {
	for i := 0; i < len(of); i += 2 {
		s := text(of[i+1])
		sections = append(sections, Section{of[i], &s})
	}
	return sections
}

func file(t testing.TB, sections []Section) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, sections); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestASavedCheckpointIsRestored(t *testing.T) {
	for _, sections := range [][]Section{nil, list("a", ""), list("weights", "1234", "memory of the batch", strings.Repeat("x", 1000), "c", "\x00")} {
		c, err := Parse(file(t, sections))
		if err != nil {
			t.Fatal(err)
		}
		var again []Section
		for _, s := range sections {
			again = append(again, Section{s.Name, new(text)})
		}
		slices.Reverse(again) // by name, not by place
		if err := c.Restore(again); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(again)
		if !bytes.Equal(file(t, again), file(t, sections)) {
			t.Errorf("%v comes back as %v", sections, again)
		}
	}
}

func TestSectionsThatDoNotFitAreRefused(t *testing.T) {
	c, err := Parse(file(t, list("a", "1", "b", "bad")))
	if err != nil {
		t.Fatal(err)
	}
	for want, sections := range map[string][]Section{
		"has no section c":     list("a", "", "c", ""),
		"section b: bad":       list("a", "", "b", ""),
		`has a section "b", w`: list("a", ""),
	} {
		if err := c.Restore(sections); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := Write(new(bytes.Buffer), list(strings.Repeat("n", 1<<16-1), "")); err != nil {
		t.Errorf("the longest name is refused: %v", err)
	}
	for _, sections := range [][]Section{list("", ""), list(strings.Repeat("n", 1<<16), "")} {
		if err := Write(new(bytes.Buffer), sections); err == nil {
			t.Error("a name of a wrong length is not refused")
		}
	}
}

// Whatever happens to a file is noticed: each bit flipped, each part of it alone,
// each byte more, each section gone, doubled or moved.
func TestAllDamageIsFound(t *testing.T) {
	sections := list("weights", "1234567", "b", "", "memory", "890")
	whole := file(t, sections)
	refused := func(what string, damaged []byte) {
		t.Helper()
		if _, err := Parse(damaged); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "byte ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for bit := range 8 * len(whole) {
		damaged := bytes.Clone(whole)
		damaged[bit/8] ^= 1 << (bit % 8)
		refused("a flipped bit", damaged)
	}
	for size := range len(whole) {
		refused("a file cut short", whole[:size])
		refused("a file without its beginning", whole[len(whole)-size:])
		refused("a file of zeros", append(bytes.Clone(whole[:size]), make([]byte, len(whole)-size)...))
		refused("a file in a file", append(bytes.Clone(whole[:size+1]), whole...))
	}
	for value := range 256 {
		refused("a byte more", append(bytes.Clone(whole), byte(value)))
	}
	size := func(s Section) int { return perName + len(s.Name) + len(*s.State.(*text)) + checksum }
	at := header
	for _, s := range sections {
		refused("a section gone", slices.Delete(bytes.Clone(whole), at, at+size(s)))
		refused("a section doubled", slices.Insert(bytes.Clone(whole), at, whole[at:at+size(s)]...))
		at += size(s)
	}
	first, second := size(sections[0]), size(sections[1])
	refused("sections changed places", slices.Concat(whole[:header], whole[header+first:header+first+second], whole[header:header+first], whole[header+first+second:]))
}

// What a forger with the right checksums leaves wrong is found too.
func TestForgedFilesAreRefused(t *testing.T) {
	seal := func(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli())) }
	end := func(b []byte, count uint32) []byte {
		b = binary.LittleEndian.AppendUint32(append(b, 0, 0), count)
		return seal(binary.LittleEndian.AppendUint64(b, uint64(len(b)+8+4)))
	}
	start := appendHeader(nil, Version)
	section := file(t, list("a", "x"))[header:]
	section = section[:len(section)-trailer]
	huge := binary.LittleEndian.AppendUint64([]byte{1, 0}, 1<<63)
	for what, forged := range map[string][]byte{
		"count":    end(bytes.Clone(start), 1),
		"twice":    end(slices.Concat(start, section, section), 2),
		"too long": end(seal(append(slices.Concat(start, huge), 'a')), 1),
	} {
		if _, err := Parse(forged); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, version := range []uint32{0, 2, 77} {
		_, err := Parse(end(appendHeader(nil, version), 0))
		if !errors.Is(err, ErrVersion) || errors.Is(err, ErrCorrupt) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	whole := file(f, list("weights", "1234567", "b", "", "memory", "890"))
	for _, seed := range [][]byte{nil, whole, whole[:40], file(f, nil), appendHeader(nil, 2)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
				t.Errorf("%v: of no kind", err)
			}
			return
		}
		var sections []Section
		for _, name := range c.names {
			s := text(c.data[name])
			sections = append(sections, Section{name, &s})
		}
		if !bytes.Equal(file(t, sections), b) {
			t.Error("it reads a file that it would not write")
		}
	})
}
