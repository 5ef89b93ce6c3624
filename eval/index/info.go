package index

import (
	"errors"
	"fmt"
)

// Info says what an index holds.
type Info struct {
	BytesBeyond int     `json:"bytes_beyond"` // of a commit that was not completed
	Checked     bool    `json:"checked"`      // all of it was compared with its checksums
	Encoder     Encoder `json:"encoder"`
	Groups      int     `json:"groups"`
	Half        bool    `json:"half"`
	Removed     int     `json:"removed"` // rows
	Rows        int     `json:"rows"`    // without those
}

// ReadInfo says what the index in dir holds; see [Index.Info].
func ReadInfo(dir string, check bool) (i Info, err error) {
	x, err := Open(dir)
	if err != nil {
		return i, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return x.Info(check)
}

// Info says what x holds; with check, it has read all of it and found it whole.
func (x *Index) Info(check bool) (Info, error) {
	i := Info{BytesBeyond: x.Incomplete(), Checked: check, Encoder: x.Encoder(), Half: x.Half(), Removed: x.Rows() - x.Len(), Rows: x.Len()}
	if check {
		if err := x.Check(); err != nil {
			return i, err
		}
	}
	groups, _, err := x.Groups()
	i.Groups = len(groups)
	return i, err
}

// Text is the info for people.
func (i Info) Text() string {
	bits := 32
	if i.Half {
		bits = 16
	}
	text := fmt.Sprintf("%d pictures in %d groups, %d numbers of %d bits each; %d removed\nencoder: %s\n", i.Rows, i.Groups, i.Encoder.Dim, bits, i.Removed, i.Encoder)
	if i.BytesBeyond > 0 {
		text += fmt.Sprintf("%d bytes of a commit that was not completed: a writer is at work, or was stopped\n", i.BytesBeyond)
	}
	if i.Checked {
		text += "all of it fits its checksums\n"
	}
	return text
}
