package ranks

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// Local calls work on size goroutines at once, each with a [Comm] of its own, and returns when
// all have returned. If one returns an error or panics, the collective operations of the
// others return an error. Local returns the first error.
func Local(size int, work func(Comm) error) error {
	m := &meeting{calls: make([]call, size), size: size}
	m.all.L = &m.mu
	var running sync.WaitGroup
	for rank := range size {
		running.Go(func() {
			c := &local{rank: rank, meeting: m}
			defer func() {
				if p := recover(); p != nil {
					c.Abort(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
				}
			}()
			if err := work(c); err != nil {
				c.Abort(err)
			}
		})
	}
	running.Wait()
	return m.first
}

// local is a rank of [Local].
type local struct {
	rank    int
	meeting *meeting
}

// meeting is where the ranks come together: the last to come does the work of the
// collective for all.
type meeting struct {
	mu     sync.Mutex
	all    sync.Cond
	size   int
	calls  []call
	here   int
	number int   // of the collective
	failed error // ends all
	first  error // as the rank had it
}

// call is a rank's part in a collective.
type call struct {
	what     string
	dst, src []byte
}

func (c *local) Rank() int { return c.rank }
func (c *local) Size() int { return c.meeting.size }

func (c *local) Broadcast(x []byte) error { return c.meet(call{"broadcast", x, nil}) }

func (c *local) AllGather(dst, part []byte) error {
	if err := check("all-gather", len(dst), len(part), c.Size()); err != nil {
		return err
	}
	return c.meet(call{"all-gather", dst, part})
}

func (c *local) AllToAll(dst, src []byte) error {
	if err := check("all-to-all", len(dst), len(src)/c.Size(), c.Size()); err != nil {
		return err
	}
	return c.meet(call{"all-to-all", dst, src})
}

func (c *local) Barrier() error { return c.meet(call{what: "barrier"}) }

func (c *local) Abort(cause error) {
	m := c.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first == nil {
		m.first = cause
	}
	if m.failed == nil {
		m.failed = fmt.Errorf("ranks: rank %d has ended: %w", c.rank, cause)
	}
	m.all.Broadcast()
}

// meet takes part in a collective.
func (c *local) meet(own call) error {
	m := c.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed != nil {
		return m.failed
	}
	m.calls[c.rank] = own
	m.here++
	if m.here == m.size {
		m.failed = m.do()
		m.here = 0
		m.number++
		m.all.Broadcast()
		return m.failed
	}
	for number := m.number; m.number == number && m.failed == nil; {
		m.all.Wait()
	}
	return m.failed
}

// do does the work of a collective that all have come to.
func (m *meeting) do() error {
	for rank, c := range m.calls {
		if zero := m.calls[0]; c.what != zero.what || len(c.dst) != len(zero.dst) {
			return fmt.Errorf("ranks: rank 0 is at a %s of %d bytes and rank %d at a %s of %d: %w", zero.what, len(zero.dst), rank, c.what, len(c.dst), errStep)
		}
	}
	for to, c := range m.calls {
		block := len(c.dst) / m.size
		for from, other := range m.calls {
			switch c.what {
			case "broadcast":
				copy(c.dst, m.calls[0].dst)
			case "all-gather":
				copy(c.dst[from*block:], other.src)
			case "all-to-all":
				copy(c.dst[from*block:][:block], other.src[to*block:])
			}
		}
	}
	return nil
}

var errStep = errors.New("they are out of step")
