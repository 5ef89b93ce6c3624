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

// Session makes runs, and opens them again, on data sets that it loads once. The zero
// value is ready: it reads from disk as it likes, and shows nothing. One goroutine at
// a time may use it; several sessions may be at work side by side.
type Session struct {
	Loading
	Log      *zap.Logger // nil: nothing is told
	Progress Progress
	Command  []string  // line that the environment of a run names; nil: this process's
	Input    io.Reader // what lists of images are read from that come from standard input; nil: none
	Files    record.FS // where runs are written; nil: the system's
	// Comm joins the processes that make a run together, nil: one alone. Rank 0 writes the
	// folder and has the outcome; other ranks return an empty one. To resume, all must be
	// able to read the folder. An error that is no [ranks.Shared] one has ended this rank
	// alone: Comm.Abort ends all.
	Comm trainer.Comm

	set   *data.Set
	name  string // spec that the set was loaded from
	by    loaded
	locks []heldLock // of folders that are written to

	card     *device.Device // nil: the processor
	rows     *device.Memory // of the last training that was prepared
	onDevice device.Config
}

// log is never nil.
func (s *Session) log() *zap.Logger {
	if s.Log == nil {
		return zap.NewNop()
	}
	return s.Log
}

// Close lets go of the data set and the device. The session may be used again.
func (s *Session) Close() error {
	card := s.card
	s.card, s.rows, s.onDevice = nil, nil, device.Config{}
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
