package run

import (
	"errors"
	"fmt"
	"io"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/xbm/device"
)

var _ trainer.Encoder = (*backbone.Net)(nil)

// Session makes runs and opens them, and loads each data set once for all of them. The zero
// value is ready: it reads and writes the file system, and shows nothing. One goroutine at a
// time may use it. Several sessions may work at the same time.
type Session struct {
	Loading
	Log      *zap.Logger // nil: no log
	Progress Progress
	Command  []string  // command line that is recorded with a run; nil: this process's
	Input    io.Reader // standard input, for a list of images; nil: none
	Files    record.FS // file system that runs are written to; nil: that of the system
	// Comm connects the processes that make a run together; nil: one alone. Rank 0 writes the
	// folder and returns the outcome; other ranks return an empty one. To resume, all ranks
	// must be able to read the folder. An error that is not a [ranks.Shared] one is of this
	// rank alone: call Comm.Abort to end all.
	Comm trainer.Comm

	set   *data.Set
	name  string // spec that the set was loaded from
	by    loaded
	locks []heldLock // of folders that are written to

	card     *device.Device  // nil: the processor
	rows     *device.Memory  // of the last training that was prepared
	opened   device.Config   // what card was opened by
	encoding *device.Encoder // nil: none
	embeds   *backbone.Net   // the network that it has
}

// log is never nil.
func (s *Session) log() *zap.Logger {
	if s.Log == nil {
		return zap.NewNop()
	}
	return s.Log
}

// Close releases the data set and the device. The session may be used again.
func (s *Session) Close() error {
	card := s.card
	s.card, s.rows, s.opened, s.encoding, s.embeds = nil, nil, device.Config{}, nil, nil
	return errors.Join(s.closeSet(), card.Close())
}

func (s *Session) closeSet() error {
	if s.set == nil {
		return nil
	}
	set := s.set
	s.set, s.by = nil, loaded{}
	if err := set.Close(); err != nil {
		return fmt.Errorf("data: %s: %w", s.name, err)
	}
	return nil
}

func labelsOf(set *data.Set, index []int) []int32 {
	labels := make([]int32, len(index))
	for k, i := range index {
		labels[k] = set.Labels[i]
	}
	return labels
}
