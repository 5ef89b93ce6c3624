package claim

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Watch observes the heartbeats of other processes. The zero value with a Folder is ready. It
// is not safe for concurrent use.
type Watch struct {
	Folder Folder
	seen   map[string]sight
}

// sight is what was seen of a piece of work, and since when it is so.
type sight struct {
	state State
	since time.Time
}

// Silent looks at a piece of work. It returns the generation of its owner if repeated looks of
// this Watch have seen no heartbeat for Folder.Silence; else 0. Call it again and again, see
// [Folder.Pause].
func (w *Watch) Silent(name string) (generation int, err error) {
	s, err := w.Folder.Look(name)
	if err != nil {
		return 0, err
	}
	return w.silent(name, s), nil
}

// silent is Silent, given what a look has seen.
func (w *Watch) silent(name string, s State) (generation int) {
	if s.Word != Held {
		return 0
	}
	was, known := w.seen[name]
	if !known || was.state.Generation != s.Generation || was.state.Beat != s.Beat {
		if w.seen == nil {
			w.seen = map[string]sight{}
		}
		w.seen[name] = sight{s, time.Now()}
		return 0
	}
	// By the clock that stands still while this machine sleeps: the other had no time.
	if time.Since(was.since) >= w.Folder.silence() {
		return s.Generation
	}
	return 0
}

// Free tells whether Take would succeed now. It also returns the state of the work, and the
// generation to give to Take as silent.
func (w *Watch) Free(name string) (free bool, state State, silent int, err error) {
	if state, err = w.Folder.Look(name); err != nil {
		return false, state, 0, err
	}
	silent = w.silent(name, state)
	return state.Word != Held || state.Generation == silent || state.Owner.gone(Here()), state, silent, nil
}

// Pause returns how long to wait between two looks at the claims of others: a quarter of a
// beat.
func (f Folder) Pause() time.Duration { return f.beat() / 4 }

// AnyHeld returns a piece of work whose owner is not known to be gone; nil if there is none.
func (f Folder) AnyHeld() (*HeldError, error) {
	var at *HeldError
	here := Here()
	err := filepath.WalkDir(f.Path, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !e.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.Path, path)
		if err != nil {
			return err
		}
		s, err := f.Look(filepath.ToSlash(name))
		if err == nil && s.Word == Held && !s.Owner.gone(here) {
			at = &HeldError{filepath.ToSlash(name), s}
			return filepath.SkipAll
		}
		return err
	})
	return at, err
}

// Now returns the time by the clock of the folder's file system, which State.Written is by. If
// nothing can be written there, it is the time of this machine.
func (f Folder) Now() time.Time {
	file, err := os.CreateTemp(f.Path, ".now-")
	if err != nil {
		return time.Now()
	}
	now := time.Now()
	if _, err := file.Write([]byte{0}); err == nil {
		if info, err := os.Stat(file.Name()); err == nil {
			now = info.ModTime()
		}
	}
	_, _ = file.Close(), os.Remove(file.Name())
	return now
}

// Silent estimates from one look, at time now by Folder.Now, whether the owner is gone or has
// been silent for so long that another process could take over.
func (s State) Silent(f Folder, now time.Time) bool {
	return s.Word == Held && (s.Owner.gone(Here()) || now.Sub(s.Written) > f.silence())
}
