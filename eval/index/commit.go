package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// ErrCorrupt says that what is on the disk is not what was written.
var ErrCorrupt = errors.New("the index is damaged")

// The files that grow, in the order of commit.sums.
const (
	rowsFile = iota
	squaresFile
	placesFile
	namesFile
	picturesFile
	removedFile
	grown // how many there are
)

func fileNames() [grown]string {
	return [grown]string{"rows", "squares", "places", "names", "pictures", "removed"}
}

const commitsName = "commits"

// commit is how far the files went, and what the last pieces' checksums are.
type commit struct {
	Rows, Names, Pictures, Removed uint64 // rows and removed rows; bytes of names and pictures
	Longest                        float64
	Sums                           [grown]uint32 // of what this commit added to each file
}

const (
	commitMark = 0x58424d31
	commitSize = 4 + 4*8 + 8 + 4*grown + 4
)

func castagnoli(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func (c commit) encode() []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, commitSize), commitMark)
	for _, v := range []uint64{c.Rows, c.Names, c.Pictures, c.Removed, math.Float64bits(c.Longest)} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	for _, v := range c.Sums {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint32(b, castagnoli(b))
}

// decodeCommit reports false for what is no commit.
func decodeCommit(b []byte) (c commit, ok bool) {
	head, sum := b[:commitSize-4], binary.LittleEndian.Uint32(b[commitSize-4:])
	if binary.LittleEndian.Uint32(head) != commitMark || castagnoli(head) != sum {
		return c, false
	}
	r := bytes.NewReader(head[4:])
	err := binary.Read(r, binary.LittleEndian, &c)
	return c, err == nil
}

// sizes are those of the files after the commit.
func (c commit) sizes(rowBytes int) [grown]int64 {
	return [grown]int64{int64(c.Rows) * int64(rowBytes), int64(c.Rows) * 4, int64(c.Rows) * placeSize, int64(c.Names), int64(c.Pictures), int64(c.Removed) * 8}
}

// readCommits reads the commits of a file. What comes after the last is of a write that
// was not completed, and its length is returned, unless a commit follows that: then the
// file is damaged.
func readCommits(b []byte) (commits []commit, incomplete int, err error) {
	for at := 0; at+commitSize <= len(b); at += commitSize {
		c, ok := decodeCommit(b[at:][:commitSize])
		switch {
		case ok && at != len(commits)*commitSize:
			return nil, 0, fmt.Errorf("%w: commit %d cannot be read", ErrCorrupt, len(commits))
		case !ok:
			continue
		}
		if n := len(commits); n > 0 && !c.follows(commits[n-1]) {
			return nil, 0, fmt.Errorf("%w: commit %d goes back", ErrCorrupt, n)
		}
		commits = append(commits, c)
	}
	return commits, len(b) - len(commits)*commitSize, nil
}

func (c commit) follows(before commit) bool {
	return c.Rows >= before.Rows && c.Names >= before.Names && c.Pictures >= before.Pictures && c.Removed >= before.Removed &&
		c.Longest >= before.Longest && c.Rows <= math.MaxInt32
}
