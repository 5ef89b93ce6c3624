//go:build nvidia

package cuda

// #include <cuda.h>
import "C"

import (
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// stagingBytes is how much is on its way at a time.
const stagingBytes = 4 << 20

// staging is pinned memory, which the device copies from and to while the processor goes
// on. It is used from its beginning to its end, and again after a wait.
type staging struct {
	memory   []byte
	used     int
	arriving []arrival
}

// arrival is what was asked of the device: from the staging to its place.
type arrival struct{ to, from []byte }

// begin takes the memory. cu does not wrap the call.
func (s *staging) begin() error {
	var p unsafe.Pointer
	if code := C.cuMemHostAlloc(&p, stagingBytes, 0); code != C.CUDA_SUCCESS {
		return fmt.Errorf("take %s of pinned memory: the driver's error %d", mib(stagingBytes), int(code))
	}
	s.memory = unsafe.Slice((*byte)(p), stagingBytes)
	return nil
}

func (s *staging) end() error {
	if s.memory == nil {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(s.memory))
	*s = staging{}
	return cu.MemFreeHost(p)
}

// arrive brings what was downloaded to its places.
func (s *staging) arrive() {
	for _, a := range s.arriving {
		copy(a.to, a.from)
	}
	s.arriving, s.used = s.arriving[:0], 0
}

// number is what a buffer can hold.
type number interface {
	~float32 | ~uint16 | ~int32
}

// bytesOf is a slice as bytes.
func bytesOf[T number](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(*new(T))))
}

// piece returns room for some of n bytes, after a wait if there is none.
func (c *Context) piece(n int) ([]byte, error) {
	s := &c.staging
	if s.used >= len(s.memory) {
		if err := c.wait(); err != nil {
			return nil, err
		}
	}
	room := s.memory[s.used:min(len(s.memory), s.used+n)]
	s.used = min(len(s.memory), s.used+(n+63)/64*64)
	return room, nil
}

// upload has x, which may be changed at once, go to b. It needs the thread.
func upload[T number](c *Context, b *buffer, x []T) error {
	to := b.at
	for from := bytesOf(x); len(from) > 0; {
		room, err := c.piece(len(from))
		if err != nil {
			return err
		}
		n := copy(room, from)
		if err := cu.MemcpyHtoDAsync(to, unsafe.Pointer(unsafe.SliceData(room)), int64(n), c.stream); err != nil {
			return fmt.Errorf("copy %s to the device: %w", mib(int64(n)), err)
		}
		to += cu.DevicePtr(n)
		from = from[n:]
	}
	return nil
}

// download has the numbers of b go to x, where they are after the next wait. It needs the
// thread.
func download[T number](c *Context, x []T, b *buffer) error {
	from := b.at
	for to := bytesOf(x); len(to) > 0; {
		room, err := c.piece(len(to))
		if err != nil {
			return err
		}
		n := len(room)
		if err := cu.MemcpyDtoHAsync(unsafe.Pointer(unsafe.SliceData(room)), from, int64(n), c.stream); err != nil {
			return fmt.Errorf("copy %s from the device: %w", mib(int64(n)), err)
		}
		c.staging.arriving = append(c.staging.arriving, arrival{to[:n], room})
		from += cu.DevicePtr(n)
		to = to[n:]
	}
	return nil
}
