package record

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
)

// LockFile is what a process locks while it writes to a run folder. It stays when
// the process has ended.
const LockFile = ".lock"

// ErrLocked says that another process writes to a run folder.
var ErrLocked = errors.New("another process is at work in this folder")

// ErrNoLocks says that the file system has no locks, as some shared ones.
var ErrNoLocks = errors.New("the file system has no locks")

// Lock makes the folder dir, if there is none, and keeps other processes, and
// other calls of Lock, out of it until it is closed or the process ends, however
// it ends. The error wraps ErrLocked where another has it, and ErrNoLocks where nobody can
// have one.
func Lock(dir string) (io.Closer, error) {
	if err := (OS{}).MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("record: %w", advise(err))
	}
	lock := flock.New(filepath.Join(dir, LockFile), flock.SetPermissions(0o644))
	switch got, err := lock.TryLock(); {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		return nil, fmt.Errorf("record: %s: %w: %w", dir, ErrNoLocks, err)
	case err != nil:
		return nil, fmt.Errorf("record: %s cannot be locked: %w", dir, advise(err))
	case !got:
		return nil, fmt.Errorf("record: %s: %w: wait until it has ended, or choose another folder", dir, ErrLocked)
	}
	return lock, nil
}
