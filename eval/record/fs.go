package record

import (
	"errors"
	"io"
	"os"
)

// FS is what writing files needs of a file system. Tests implement it to make writes
// fail. [OS] is the system's.
type FS interface {
	// CreateTemp makes a new file in dir whose name begins with prefix.
	CreateTemp(dir, prefix string) (File, error)
	// Append opens the file at path, which it makes if there is none, for writing
	// from byte size on; what was there from then on is cut off.
	Append(path string, size int64) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	MkdirAll(path string) error
	// SyncDir puts the names in a folder on the disk.
	SyncDir(path string) error
}

// File is a file being written.
type File interface {
	io.WriteCloser
	Name() string
	Sync() error
}

// OS is the file system.
type OS struct{}

var _ FS = OS{}

// CreateTemp implements [FS].
func (OS) CreateTemp(dir, prefix string) (File, error) {
	f, err := os.CreateTemp(dir, prefix+"*")
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o644); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// Append implements [FS].
func (OS) Append(path string, size int64) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Rename implements [FS].
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [FS].
func (OS) Remove(path string) error { return os.Remove(path) }

// MkdirAll implements [FS].
func (OS) MkdirAll(path string) error { return os.MkdirAll(path, 0o755) }

// SyncDir implements [FS].
func (OS) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
