package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Folder is a folder with files that are whole or not there.
type Folder struct {
	Path string
	FS   FS // where it lies; nil: OS
}

func (f Folder) fs() FS {
	if f.FS == nil {
		return OS{}
	}
	return f.FS
}

func (f Folder) path(name string) string { return filepath.Join(f.Path, name) }

// Sub is a folder within this one.
func (f Folder) Sub(name string) Folder { return Folder{f.path(name), f.FS} }

// Write makes the file name in the folder, which it makes if there is none, out of
// what write writes: all of it, or after an error nothing, and what was there
// before stays.
func (f Folder) Write(name string, write func(io.Writer) error) error {
	err := f.fs().MkdirAll(f.Path)
	if err == nil {
		err = writeFile(f.fs(), f.path(name), write)
	}
	if err != nil {
		return fmt.Errorf("record: %s was not written: %w", f.path(name), advise(err))
	}
	return nil
}

// Read returns what is in a file.
func (f Folder) Read(name string) ([]byte, error) {
	b, err := os.ReadFile(f.path(name))
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return b, nil
}

// Has tells whether something of this name is in the folder.
func (f Folder) Has(name string) bool {
	_, err := os.Stat(f.path(name))
	return err == nil
}

// List names what is in the folder; a folder that is not there is empty.
func (f Folder) List() ([]string, error) {
	entries, err := os.ReadDir(f.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("record: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// Remove removes a file, if there is one.
func (f Folder) Remove(name string) error {
	if err := f.fs().Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("record: %w", advise(err))
	}
	return nil
}

// clean removes the files that a process left incomplete when it was killed.
func (f Folder) clean() error {
	names, err := f.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, tempPrefix) {
			if err := f.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// advise says what to do about an error where that is known.
func advise(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: make room, or choose a folder on another disk, and run again", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: choose a folder that you may write to", err)
	}
	return err
}
