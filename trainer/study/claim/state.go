package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Word is the last word of an owner about a piece of work.
type Word string

// The words. A piece of work that nobody has claimed is Free.
const (
	Held     Word = "held"
	Free     Word = "free"     // released, and to be taken up again
	Complete Word = "complete" // the work is done
	Failed   Word = "failed"   // the work could not be done; see State.Reason
)

// State is the state of a piece of work.
type State struct {
	Generation int // number of owners so far; 0: none
	Owner      Owner
	Word       Word
	Reason     string    // if Word is Failed
	Beat       uint64    // the heartbeat: a counter of the owner
	Amount     int64     // of work done, in the owner's unit
	Written    time.Time // last heartbeat, by the clock of the file system, see Folder.Now
}

// lineFormat is the line of a state, of one length, so that it can be written in place.
const lineFormat = "%-8s %012d %015d\n"

// text is the content of a claim's file.
func (s State) text() ([]byte, error) {
	owner, err := json.Marshal(s.Owner)
	return []byte(string(owner) + "\n" + s.line()), err
}

func (s State) line() string { return fmt.Sprintf(lineFormat, s.Word, s.Beat, s.Amount) + s.Reason }

// parse reads what text writes. A file that is not whole yet is held by somebody.
func (s *State) parse(text string) {
	s.Word = Held
	owner, rest, _ := strings.Cut(text, "\n")
	if json.Unmarshal([]byte(owner), &s.Owner) != nil {
		return
	}
	line, reason, whole := strings.Cut(rest, "\n")
	fields := strings.Fields(line)
	if !whole || len(fields) != 3 {
		return
	}
	switch w := Word(fields[0]); w {
	case Held, Free, Complete, Failed:
		s.Word, s.Reason = w, reason
	}
	s.Beat, _ = strconv.ParseUint(fields[1], 10, 64) // a change is what counts
	s.Amount, _ = strconv.ParseInt(fields[2], 10, 64)
}

// Look returns the state of the piece of work of this name. It changes nothing.
func (f Folder) Look(name string) (State, error) {
	dir := f.of(name)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return State{}, fmt.Errorf("claim: %w", err)
	}
	s := State{Word: Free}
	for _, e := range entries {
		if g, err := strconv.Atoi(e.Name()); err == nil && !e.IsDir() {
			s.Generation = max(s.Generation, g)
		}
	}
	if s.Generation == 0 {
		return s, nil
	}
	// A listing may be old on a shared file system; opening a file looks anew.
	for {
		next := State{Generation: s.Generation + 1}
		switch err := next.read(dir); {
		case errors.Is(err, fs.ErrNotExist):
			return s, s.read(dir)
		case err != nil:
			return s, err
		}
		s.Generation++
	}
}

// read reads the file of the state's generation.
func (s *State) read(dir string) error {
	file, err := os.Open(filepath.Join(dir, strconv.Itoa(s.Generation)))
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	text := make([]byte, 1<<12)
	n, err := io.ReadFull(file, text)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // most are shorter
	}
	if info, err := file.Stat(); err == nil {
		s.Written = info.ModTime()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	s.parse(string(text[:n]))
	return nil
}
