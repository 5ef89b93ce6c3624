//go:build nvidia

package cuda

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/cu"
)

// arena is the device memory of a context. It takes slabs from the driver and gives out
// pieces of them; what is given back is given out again, to who wants as much. It is for
// few buffers that live long.
type arena struct {
	limit int64 // bytes
	taken int64 // of the driver
	apart bool  // each buffer is memory of its own: the fake driver, and the checker of NVIDIA, then see writes beside it
	slabs []cu.DevicePtr
	at    cu.DevicePtr // in the last slab
	left  int64
	free  map[int64][]cu.DevicePtr // by size
}

// slab is how much is taken at a time, at least.
const slab = 16 << 20

// buffer is a piece of device memory. The zero value is none.
type buffer struct {
	at   cu.DevicePtr
	size int64
}

func (b *buffer) address() uint64 {
	if b == nil {
		return 0
	}
	return uint64(b.at)
}

// need is a buffer that is to be so many bytes long, for what.
type need struct {
	*buffer
	what  string
	bytes int
}

// all makes buffers at least as long as they need to be, see sized.
func (a *arena) all(needs ...need) error {
	for _, b := range needs {
		if err := a.sized(b.buffer, b.what, int64(b.bytes)); err != nil {
			return err
		}
	}
	return nil
}

// sized makes b at least so many bytes long, for what. What was in it is lost if it has
// to grow.
func (a *arena) sized(b *buffer, what string, bytes int64) error {
	if b.size >= bytes && b.size > 0 {
		return nil
	}
	a.release(b)
	size := max(512, (bytes+511)/512*512)
	if a.apart {
		size = max(16, bytes)
	}
	if list := a.free[size]; len(list) > 0 {
		*b, a.free[size] = buffer{list[len(list)-1], size}, list[:len(list)-1]
		return nil
	}
	if a.apart || size > slab/4 {
		at, err := a.take(what, size)
		if err == nil {
			*b = buffer{at, size}
		}
		return err
	}
	if a.left < size {
		piece := max(size, min(slab, a.limit-a.taken))
		at, err := a.take(what, piece)
		if err != nil {
			return err
		}
		a.at, a.left = at, piece
	}
	*b = buffer{a.at, size}
	a.at += cu.DevicePtr(size)
	a.left -= size
	return nil
}

// take takes memory from the driver.
func (a *arena) take(what string, bytes int64) (cu.DevicePtr, error) {
	if bytes > a.limit-a.taken {
		if err := a.returned(); err != nil {
			return 0, err
		}
	}
	if bytes > a.limit-a.taken {
		return 0, fmt.Errorf("%w: %s: %s more are needed, %s of %s are left", ErrMemory, what, mib(bytes), mib(a.limit-a.taken), mib(a.limit))
	}
	at, err := cu.MemAlloc(bytes)
	if errors.Is(err, cu.OutOfMemory) {
		return 0, fmt.Errorf("%w: %s: %s more are needed, %s are taken, and the device has no such piece left: other programs may use it", ErrMemory, what, mib(bytes), mib(a.taken))
	}
	if err != nil {
		return 0, fmt.Errorf("%s: take %s of device memory: %w", what, mib(bytes), err)
	}
	a.slabs = append(a.slabs, at)
	a.taken += bytes
	return at, nil
}

// returned gives the driver back what nobody has, but pieces of slabs.
func (a *arena) returned() error {
	for size, list := range a.free {
		if !a.apart && size <= slab/4 {
			continue
		}
		for _, at := range list {
			if err := cu.MemFree(at); err != nil {
				return fmt.Errorf("give %s of device memory back: %w", mib(size), err)
			}
			a.slabs = slices.DeleteFunc(a.slabs, func(s cu.DevicePtr) bool { return s == at })
			a.taken -= size
		}
		delete(a.free, size)
	}
	return nil
}

// release takes buffers back.
func (a *arena) release(buffers ...*buffer) {
	if a.free == nil {
		a.free = map[int64][]cu.DevicePtr{}
	}
	for _, b := range buffers {
		if b.size > 0 {
			a.free[b.size] = append(a.free[b.size], b.at)
			*b = buffer{}
		}
	}
}

// end gives everything back to the driver.
func (a *arena) end() error {
	var failed error
	for _, at := range a.slabs {
		failed = errors.Join(failed, cu.MemFree(at))
	}
	*a = arena{}
	return failed
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
