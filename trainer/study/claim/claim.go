package claim

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Folder is the shared folder of the claims. Path is needed. It is safe for concurrent use.
type Folder struct {
	Path string
	// Beat is the time between two heartbeats; 0: ten seconds.
	Beat time.Duration
	// Silence is the time without a change of the heartbeat after which another process may
	// take over; 0: six beats. It must be the same for all processes.
	Silence time.Duration
}

func (f Folder) beat() time.Duration {
	if f.Beat > 0 {
		return f.Beat
	}
	return 10 * time.Second
}

func (f Folder) silence() time.Duration {
	if f.Silence > 0 {
		return f.Silence
	}
	return 6 * f.beat()
}

func (f Folder) of(name string) string { return filepath.Join(f.Path, filepath.FromSlash(name)) }

// HeldError is the error about a piece of work that another process has.
type HeldError struct {
	Name  string
	State State
}

// Error names the owner.
func (h *HeldError) Error() string { return fmt.Sprintf("%s is at work on it", h.State.Owner) }

// ErrLost is the error of a claim that another process has taken over.
var ErrLost = errors.New("claim: another process has taken this work over: it found no sign of life here for too long")

// Claim is the hold of this process on a piece of work, until Release. It is safe for
// concurrent use.
type Claim struct {
	folder Folder
	name   string

	mu        sync.Mutex
	state     State
	file      *os.File
	confirmed time.Time // when a heartbeat that all can see began to be written
	lost      error
	gone      chan struct{} // closed when lost
	ended     chan struct{}
}

// Take claims the piece of work of this name. If another process has it, the error is a
// *HeldError. silent is the generation of an owner whose heartbeat the caller has seen stand
// still for long enough, as [Watch.Silent] returns it; 0: none. Such an owner is followed.
func (f Folder) Take(name string, silent int) (*Claim, error) {
	here := Here()
	if err := os.MkdirAll(f.of(name), 0o755); err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	for {
		s, err := f.Look(name)
		if err != nil {
			return nil, err
		}
		if s.Word == Held && s.Generation != silent && !s.Owner.gone(here) {
			return nil, &HeldError{name, s}
		}
		if s.Word == Complete {
			s.Amount = 0 // it is begun anew
		}
		c := &Claim{folder: f, name: name, gone: make(chan struct{}), ended: make(chan struct{}),
			state: State{Generation: s.Generation, Owner: here, Word: Held, Amount: s.Amount}}
		switch won, err := c.next(); {
		case err != nil:
			return nil, err
		case won:
			go c.live()
			return c, nil
		}
	}
}

// Await is Take, but if another process has the work it watches that process. It returns the
// *HeldError as soon as the other gives a sign of life, and takes the work over if none comes.
// It returns ctx's error if ctx ends first.
func (f Folder) Await(ctx context.Context, name string) (*Claim, error) {
	w := Watch{Folder: f}
	var first *HeldError
	for {
		silent, err := w.Silent(name)
		if err != nil {
			return nil, err
		}
		c, err := f.Take(name, silent)
		var held *HeldError
		if !errors.As(err, &held) {
			return c, err
		}
		if first == nil {
			first = held
		}
		if held.State.Generation != first.State.Generation || held.State.Beat != first.State.Beat {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(f.Pause()):
		}
	}
}

// next makes the file of the generation after the claim's, and makes it the claim's.
// It tells whether this process was the first.
func (c *Claim) next() (won bool, err error) {
	s := c.state
	s.Generation++
	dir, began := c.folder.of(c.name), time.Now()
	text, err := s.text()
	if err != nil {
		return false, err
	}
	path := filepath.Join(dir, strconv.Itoa(s.Generation))
	file, err := create(path, filepath.Join(dir, ".new-"+rand.Text()), text)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim: %w", err)
	}
	if c.file != nil {
		_ = c.file.Close() // of a generation that is over
	}
	c.state, c.file, c.confirmed = s, file, began
	return true, nil
}

// create makes a file that is whole as soon as it is there, by way of another name. The
// error wraps fs.ErrExist where there is one.
func create(path, by string, text []byte) (*os.File, error) {
	file, err := write(by, text)
	if err != nil {
		_ = os.Remove(by) // the error says more
		return nil, err
	}
	linkErr := os.Link(by, path)
	_ = os.Remove(by) // it is in nobody's way
	if linkErr == nil || same(file, path) {
		return file, nil // an answer that got lost may have said the second time that it is there
	}
	_ = file.Close()
	if errors.Is(linkErr, fs.ErrExist) {
		return nil, linkErr
	}
	// A file system without links: others may see the file before it is whole.
	return write(path, text)
}

// write makes a file that is not there yet, and leaves it open.
func write(path string, text []byte) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// same tells whether an open file is the one at a path.
func same(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}
