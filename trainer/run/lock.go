package run

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"go.uber.org/zap"

	"crossbatch/eval/record"
)

// heldLock is that of a folder which the session writes to.
type heldLock struct {
	dir  string
	lock io.Closer
}

// Lock locks the folder dir, and everything in it, against other processes until unlock is
// called. This session may still make runs there. The error wraps record.ErrLocked if another
// process has the lock. On a file system without locks, Lock logs a warning and succeeds.
func (s *Session) Lock(dir string) (unlock func(), err error) {
	held, err := s.lock(dir)
	return func() { s.unlock(held) }, err
}

// lock is Lock, unless dir lies in a folder that is locked already. It returns how many
// were held before.
func (s *Session) lock(dir string) (held int, err error) {
	held = len(s.locks)
	for _, l := range s.locks {
		if dir == l.dir || strings.HasPrefix(dir, l.dir+string(filepath.Separator)) {
			return held, nil
		}
	}
	lock, err := record.Lock(dir)
	if errors.Is(err, record.ErrNoLocks) {
		s.log().Warn("nothing keeps other processes out of the folder", zap.Error(err))
		lock, err = io.NopCloser(nil), nil
	}
	if err != nil {
		return held, err
	}
	s.locks = append(s.locks, heldLock{dir, lock})
	return held, nil
}

// unlock lets other processes in, but for the first folders that were held.
func (s *Session) unlock(held int) {
	for _, l := range s.locks[held:] {
		_ = l.lock.Close() // it ends with the process at the latest
	}
	s.locks = s.locks[:held]
}
