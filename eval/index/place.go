package index

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Item is what a row is of.
type Item struct {
	Name    string // of the file; no two rows have the same
	Group   string // its class, folder or kind; may be empty
	Picture []byte // a small one, as a file of its own kind; may be empty
}

// Bounds of an item.
const (
	longestName    = 1 << 16
	longestPicture = 1 << 24
)

func (it Item) check() error {
	switch {
	case it.Name == "":
		return errors.New("an item without a name")
	case len(it.Name) > longestName, len(it.Group) > longestName:
		return fmt.Errorf("%.40q…: a name or group of more than %d bytes", it.Name, longestName)
	case len(it.Picture) > longestPicture:
		return fmt.Errorf("%q: a picture of %d bytes: give %d at most", it.Name, len(it.Picture), longestPicture)
	}
	return nil
}

// place is where an item lies: its name and then its group in one file, its
// picture in another.
type place struct {
	name, picture                      uint64
	nameBytes, groupBytes, pictureSize uint32
	sum                                uint32 // of all three
}

const placeSize = 8 + 8 + 3*4 + 4

func (p place) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, p.name)
	b = binary.LittleEndian.AppendUint64(b, p.picture)
	for _, v := range []uint32{p.nameBytes, p.groupBytes, p.pictureSize, p.sum} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func decodePlace(b []byte) place {
	le := binary.LittleEndian
	return place{le.Uint64(b), le.Uint64(b[8:]), le.Uint32(b[16:]), le.Uint32(b[20:]), le.Uint32(b[24:]), le.Uint32(b[28:])}
}

// slice is b[at:at+size], or false where b is too short.
func slice(b []byte, at uint64, size uint32) ([]byte, bool) {
	if at > uint64(len(b)) || uint64(size) > uint64(len(b))-at {
		return nil, false
	}
	return b[at:][:size], true
}
