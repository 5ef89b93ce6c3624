package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
)

// Delete removes the run in the folder dir, with the runs and trials within it, such
// as the one without memory that it is compared with: their files, and the folders that
// this leaves empty. Files that are no run's stay, and are returned. Nothing is
// removed where dir holds no run, or a process is at work in one of them: the error
// wraps ErrNoRun or ErrLocked.
func Delete(dir string) (kept []string, err error) {
	if !IsRun(dir) {
		return nil, fmt.Errorf("record: %s: %w of its own: give the folder of a run", dir, ErrNoRun)
	}
	runs, err := find(dir, isTraining)
	if err != nil {
		return nil, err
	}
	var locks []io.Closer
	defer func() {
		for _, l := range locks {
			err = errors.Join(err, l.Close())
		}
	}()
	for _, run := range runs {
		lock, err := Lock(run)
		if err != nil {
			return nil, err
		}
		locks = append(locks, lock)
	}
	slices.Reverse(runs) // what is within goes before what it is in
	for _, run := range runs {
		r := &Run{Folder: Folder{Path: run}}
		if err := r.clear(); err != nil {
			return nil, err
		}
		if err := r.Remove(LockFile); err != nil {
			return nil, err
		}
		if err := r.Sub(TuneFolder).Remove(ChosenFile); err != nil {
			return nil, err
		}
		for _, folder := range []string{filepath.Join(run, CheckpointFolder), filepath.Join(run, TuneFolder), run} {
			// One that is not empty stays, and is found below.
			_ = os.Remove(folder)
		}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			kept = append(kept, path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return kept, err
}

// MayDelete returns an error where a folder holds no run of its own, or a process is at
// work in it: it wraps ErrNoRun or ErrLocked.
func MayDelete(dirs []string) error {
	for _, dir := range dirs {
		if !IsRun(dir) {
			return refusal{fmt.Sprintf("%s holds no run of its own: nothing was deleted; see xbm runs list", dir), ErrNoRun}
		}
		if Busy(dir) {
			return refusal{fmt.Sprintf("the run in %s is going on: nothing was deleted; stop it first", dir), ErrLocked}
		}
	}
	return nil
}

// refusal is a sentence that stands for another error.
type refusal struct {
	text string
	err  error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.err }

// DeleteAll removes the runs in the folders dirs, as [Delete] does, none where
// [MayDelete] refuses one. It returns what was deleted, also after an error, and the
// files that stay, which are no run's.
func DeleteAll(dirs []string) (deleted, kept []string, err error) {
	deleted, kept = []string{}, []string{}
	if err := MayDelete(dirs); err != nil {
		return deleted, kept, err
	}
	for _, dir := range dirs {
		stay, err := Delete(dir)
		if err != nil {
			return deleted, kept, fmt.Errorf("%w (deleted before that: %d)", err, len(deleted))
		}
		deleted, kept = append(deleted, dir), append(kept, stay...)
	}
	return deleted, kept, nil
}

// Busy tells whether a process is at work in the run folder dir.
func Busy(dir string) bool {
	path := filepath.Join(dir, LockFile)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path)
	got, err := lock.TryLock()
	if err != nil {
		return false
	}
	if got {
		_ = lock.Close() // it is free again when the process ends, at the latest
	}
	return !got
}
