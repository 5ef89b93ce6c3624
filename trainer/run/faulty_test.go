package run

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"crossbatch/eval/record"
)

// fault is what goes wrong at an operation on files.
type fault int

const (
	shortWrite fault = iota // half is written, and no error told
	noSpace                 // from then on
	badDisk                 // once
	powerCut                // nothing more happens, and what was not synced may be lost
	faults
)

func (f fault) String() string {
	return [...]string{"short write", "no space", "I/O error", "power cut"}[f]
}

var errCut = errors.New("the power is cut")

// faulty is a file system on which something goes wrong at an operation.
type faulty struct {
	kind fault
	at   int // number of the operation, from 0
	rng  *rand.Rand

	operations int
	cut        bool
	open       map[string]*faultyFile // by path
	names      []change               // not synced
}

// change is one of a name in a folder, with how it is undone.
type change struct {
	dir  string
	undo func() error
}

func newFaulty(kind fault, at int, seed uint64) *faulty {
	return &faulty{kind: kind, at: at, rng: rand.New(rand.NewPCG(seed, uint64(at))), open: map[string]*faultyFile{}}
}

// next comes before each operation; isWrite says that it takes room.
func (f *faulty) next(isWrite bool) error {
	now := f.operations
	f.operations++
	switch {
	case f.cut:
		return errCut
	case now < f.at:
		return nil
	case f.kind == noSpace && isWrite:
		return syscall.ENOSPC
	case f.kind == badDisk && now == f.at:
		return syscall.EIO
	case f.kind == powerCut:
		f.cutPower()
		return errCut
	}
	return nil
}

// cutPower loses what was not synced, or not.
func (f *faulty) cutPower() {
	f.cut = true
	for path, file := range f.open {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if more := info.Size() - file.synced; more > 0 {
			if err := os.Truncate(path, file.synced+f.rng.Int64N(more+1)); err != nil {
				panic(err)
			}
		}
	}
	for i := len(f.names) - 1; i >= 0; i-- {
		// A folder's changes come to the disk in their order: from some on, all
		// are lost.
		if f.rng.IntN(2) == 0 {
			break
		}
		if err := f.names[i].undo(); err != nil {
			panic(err)
		}
	}
}

// changed notes a change of a name, before it happens: content is what was there.
func (f *faulty) changed(path string, undo func() error) {
	f.names = append(f.names, change{filepath.Dir(path), undo})
}

// back makes a file as it is now again.
func back(path string) func() error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return func() error {
			if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		}
	}
	return func() error { return os.WriteFile(path, content, 0o644) }
}

func (f *faulty) CreateTemp(dir, prefix string) (record.File, error) {
	if err := f.next(true); err != nil {
		return nil, err
	}
	file, err := record.OS{}.CreateTemp(dir, prefix)
	if err != nil {
		return nil, err
	}
	path := file.Name()
	f.changed(path, func() error {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	return f.track(file, 0), nil
}

func (f *faulty) Append(path string, size int64) (record.File, error) {
	if err := f.next(true); err != nil {
		return nil, err
	}
	f.changed(path, back(path))
	file, err := record.OS{}.Append(path, size)
	if err != nil {
		return nil, err
	}
	return f.track(file, size), nil
}

func (f *faulty) track(file record.File, size int64) record.File {
	tracked := &faultyFile{file, f, size}
	f.open[file.Name()] = tracked
	return tracked
}

func (f *faulty) Rename(from, to string) error {
	if err := f.next(false); err != nil {
		return err
	}
	undoTo := back(to)
	undoFrom := back(from)
	f.changed(to, func() error { return errors.Join(undoTo(), undoFrom()) })
	if file := f.open[from]; file != nil {
		delete(f.open, from)
		f.open[to] = file
	}
	return record.OS{}.Rename(from, to)
}

func (f *faulty) Remove(path string) error {
	if err := f.next(false); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		f.changed(path, back(path))
	}
	delete(f.open, path)
	return record.OS{}.Remove(path)
}

func (f *faulty) MkdirAll(path string) error {
	if err := f.next(true); err != nil {
		return err
	}
	return record.OS{}.MkdirAll(path)
}

func (f *faulty) SyncDir(path string) error {
	if err := f.next(false); err != nil {
		return err
	}
	kept := f.names[:0]
	for _, c := range f.names {
		if c.dir != filepath.Clean(path) {
			kept = append(kept, c)
		}
	}
	f.names = kept
	return record.OS{}.SyncDir(path)
}

// faultyFile is a file on it.
type faultyFile struct {
	record.File
	of     *faulty
	synced int64
}

func (f *faultyFile) Write(b []byte) (int, error) {
	at := f.of.operations
	if err := f.of.next(true); err != nil {
		half := 0
		if errors.Is(err, syscall.ENOSPC) { // what there was room for
			half, _ = f.File.Write(b[:len(b)/2])
		}
		return half, err
	}
	if f.of.kind == shortWrite && at == f.of.at {
		return f.File.Write(b[:len(b)/2])
	}
	return f.File.Write(b)
}

func (f *faultyFile) Sync() error {
	if err := f.of.next(true); err != nil {
		return err
	}
	if err := f.File.Sync(); err != nil {
		return err
	}
	info, err := os.Stat(f.Name())
	if err != nil {
		return fmt.Errorf("synced, but not there: %w", err)
	}
	f.synced = info.Size()
	return nil
}
