package ranks

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// Shared is an error that every rank has returned: no rank waits for another.
type Shared struct{ Err error }

// Error returns the text of Err.
func (e *Shared) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Shared) Unwrap() error { return e.Err }

// IsShared tells whether err wraps a *[Shared] error: every rank has returned one.
func IsShared(err error) bool {
	shared := (*Shared)(nil)
	return errors.As(err, &shared)
}

// Agree makes all ranks agree on whether one of them has an error. Each rank calls it with its
// own err, or nil. If all are nil, all return nil. Otherwise all return a *[Shared] error: a
// rank with an error its own, the others the text of the first rank's error. That text wraps
// context.Canceled if the error was that of an ended context. A rank that waits uses no
// processor time. A nil Comm, or one of a single rank, returns err as it is; so does an err
// that is Shared already.
func Agree(c Comm, err error) error {
	if c == nil || c.Size() == 1 || IsShared(err) {
		return err
	}
	if failed := c.Barrier(); failed != nil {
		return failed
	}
	all := make([]byte, c.Size()*noteBytes)
	if failed := c.AllGather(all, note(err)); failed != nil {
		return failed
	}
	if err != nil {
		return &Shared{err}
	}
	for rank := range c.Size() {
		if err := read(all[rank*noteBytes:][:noteBytes]); err != nil {
			return &Shared{fmt.Errorf("rank %d of %d: %w", rank, c.Size(), err)}
		}
	}
	return nil
}

// Tell sends what rank 0 has to every rank: text, of any length, or err, which then is a
// *[Shared] error on all. The arguments of other ranks are ignored. A rank that waits uses no
// processor time. A nil Comm, or one of a single rank, returns the arguments.
func Tell(c Comm, text []byte, err error) ([]byte, error) {
	if c == nil || c.Size() == 1 {
		return text, err
	}
	if failed := c.Barrier(); failed != nil {
		return nil, failed
	}
	head := note(err)
	binary.LittleEndian.PutUint64(head[noteBytes-8:], uint64(len(text)))
	if failed := c.Broadcast(head); failed != nil {
		return nil, failed
	}
	if c.Rank() > 0 {
		err, text = read(head), make([]byte, binary.LittleEndian.Uint64(head[noteBytes-8:]))
	}
	if err != nil {
		return nil, &Shared{err}
	}
	return text, c.Broadcast(text)
}

// A note is an error as others get to know it: whether there is one, or one of being
// told to stop, the length of its text, its beginning, and 8 bytes to spare.
const (
	noteBytes = 2 << 10
	noteHead  = 3
)

func note(err error) []byte {
	n := make([]byte, noteBytes)
	if err == nil {
		return n
	}
	n[0] = 1
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		n[0] = 2
	}
	length := copy(n[noteHead:noteBytes-8], err.Error())
	binary.LittleEndian.PutUint16(n[1:], uint16(length))
	return n
}

func read(n []byte) error {
	text := string(n[noteHead:][:binary.LittleEndian.Uint16(n[1:])])
	switch n[0] {
	case 1:
		return errors.New(text)
	case 2:
		return told{text}
	}
	return nil
}

// told is the error of a rank that was told to stop, as others know it.
type told struct{ text string }

func (t told) Error() string { return t.text }
func (t told) Unwrap() error { return context.Canceled }
