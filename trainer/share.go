package trainer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/ranks"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// memoryRanks are the ranks as a memory knows them that is shared out to them.
type memoryRanks struct {
	Comm
	adder ranks.Adder[float32]
}

func (r *memoryRanks) Gather(dst, part []float64) error { return ranks.AllGather(r.Comm, dst, part) }
func (r *memoryRanks) Add(x []float32) error            { return r.adder.Add(x) }

// memoryRanks are those that r shares a memory out to, nil for none.
func (r Run) memoryRanks() pair.Ranks {
	if !r.Config.Memory.Share || r.ranks() == 1 {
		return nil
	}
	return &memoryRanks{r.Comm, ranks.Adder[float32]{Comm: r.Comm}}
}

// checkShare returns an error where r shares its memory out, and something of r needs all
// rows in one place.
func (r Run) checkShare(memory *xbm.CrossBatch) error {
	if r.memoryRanks() == nil {
		return nil
	}
	c := r.Config
	if err := pair.CheckRanks(memory.Loss); err != nil {
		return fmt.Errorf("trainer: share-memory, and loss is %q with miner %q: %w: leave out share-memory, or give another loss or miner", c.lossText(memoryTerm), c.Loss.Miner, err)
	}
	if c.Watch.DriftEvery > 0 {
		return fmt.Errorf("trainer: share-memory, and drift-every is %d: a look at drift compares all rows with fresh ones in one place: give drift-every 0, or leave out share-memory", c.Watch.DriftEvery)
	}
	if r.Device != nil {
		return errors.New("trainer: share-memory, and a device: it keeps all rows: give device cpu, or leave out share-memory")
	}
	return nil
}

// share is a rank's part in a memory that is shared out: nil is a memory that is not.
type share struct {
	comm  Comm
	whole []byte // the state to begin with, on rank 0, which is restored there; nil: none
}

// shares is nil where the memory is not shared out.
func (t *Training) shares() *share {
	if t.share == nil && t.terms.memory != nil && t.memoryRanks() != nil {
		t.share = &share{comm: t.Comm}
	}
	return t.share
}

// savedMemory is the memory's state.
func (t *Training) savedMemory() checkpoint.State {
	m := savedMemory{t.terms.memory.Memory, t.trained.Len()}
	if t.shares() == nil {
		return m
	}
	return sharedMemory{m, t.shares()}
}

// sharedMemory is the whole of a memory that is shared out, while rank 0 writes or restores
// it: bit for bit what a memory of one process is. It is never in one place.
type sharedMemory struct {
	savedMemory
	share *share
}

// StateSize implements checkpoint.Streamer.
func (s sharedMemory) StateSize() (int64, error) { return s.Memory.StateSize() }

// WriteState implements checkpoint.Streamer. The other ranks are in follow.
func (s sharedMemory) WriteState(w io.Writer) error {
	if err := s.share.say(true); err != nil {
		return err
	}
	return s.Memory.WriteState(w)
}

// UnmarshalBinary restores the rows of rank 0, and keeps the others for tell.
func (s sharedMemory) UnmarshalBinary(data []byte) error {
	if err := s.savedMemory.UnmarshalBinary(data); err != nil {
		return err
	}
	s.share.whole = data
	return nil
}

// say tells the ranks in follow whether to write, or to go on.
func (s *share) say(write bool) error {
	word := []byte{0}
	if write {
		word[0] = 1
	}
	if err := s.comm.Barrier(); err != nil {
		return err
	}
	return s.comm.Broadcast(word)
}

// follow has a rank save its state, and take part in what rank 0 writes of the memory.
func (s *share) follow(memory *xbm.CrossBatch, save func() error) error {
	if s == nil {
		return save()
	}
	if s.comm.Rank() == 0 {
		err := save()
		return errors.Join(err, s.say(false))
	}
	for word := []byte{0}; ; {
		if err := s.comm.Barrier(); err != nil {
			return err
		}
		if err := s.comm.Broadcast(word); err != nil {
			return err
		}
		if word[0] == 0 {
			return save()
		}
		if err := memory.Memory.WriteState(io.Discard); err != nil {
			return err
		}
	}
}

// tell gives all ranks their rows of the memory that rank 0 has restored.
func (s *share) tell(memory *xbm.Memory) error {
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(s.whole)))
	if err := s.comm.Broadcast(size); err != nil {
		return err
	}
	in := &toldReader{comm: s.comm, whole: s.whole, left: int64(binary.LittleEndian.Uint64(size))}
	var err error
	switch {
	case in.left == 0:
		return nil
	case s.comm.Rank() > 0:
		err = memory.ReadState(in)
	}
	if _, failed := io.Copy(io.Discard, in); failed != nil { // rank 0, and one with an error
		return failed
	}
	s.whole = nil
	return ranks.Agree(s.comm, err)
}

// toldReader reads, on every rank, what rank 0 has.
type toldReader struct {
	comm  Comm
	whole []byte // on rank 0
	left  int64
	piece []byte
	rest  bytes.Reader
}

// toldBytes is how many bytes are sent at a time.
const toldBytes = 4 << 20

func (r *toldReader) Read(p []byte) (int, error) {
	if r.rest.Len() == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		if r.piece == nil {
			r.piece = make([]byte, toldBytes)
		}
		n := min(r.left, toldBytes)
		r.whole = r.whole[copy(r.piece[:n], r.whole):]
		if err := r.comm.Broadcast(r.piece[:n]); err != nil {
			return 0, err
		}
		r.left -= n
		r.rest.Reset(r.piece[:n])
	}
	return r.rest.Read(p)
}
