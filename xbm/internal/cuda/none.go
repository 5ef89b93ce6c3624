//go:build !nvidia

package cuda

import "crossbatch/xbm/pair"

// Devices lists the devices.
func Devices() ([]Info, error) { return nil, ErrNotBuilt }

// Context is a device in use.
type Context struct{}

// Open begins to use a device.
func Open(int, Options) (*Context, error) { return nil, ErrNotBuilt }

// Info is the device.
func (c *Context) Info() Info { return Info{} }

// Close gives the device back.
func (c *Context) Close() error { return nil }

// Thread is what work has of a context.
type Thread struct{}

// Do calls nothing.
func (c *Context) Do(func(Thread) error) error { return ErrNotBuilt }

// Buffer is a piece of device memory.
type Buffer struct{}

// Room takes none.
func (t Thread) Room(*Buffer, string, int) error { return ErrNotBuilt }

// Release does nothing.
func (t Thread) Release(...*Buffer) {}

// Upload moves nothing.
func (t Thread) Upload(*Buffer, []float32) error { return ErrNotBuilt }

// UploadInts moves nothing.
func (t Thread) UploadInts(*Buffer, []int32) error { return ErrNotBuilt }

// Download moves nothing.
func (t Thread) Download([]float32, *Buffer) error { return ErrNotBuilt }

// DownloadInts moves nothing.
func (t Thread) DownloadInts([]int32, *Buffer) error { return ErrNotBuilt }

// Launch runs nothing.
func (t Thread) Launch(string, [3]int, int, ...any) error { return ErrNotBuilt }

// Wait waits for nothing.
func (t Thread) Wait() error { return ErrNotBuilt }

// Memory is a memory on a device. It implements [pair.Sweeper].
type Memory struct{}

// NewMemory returns none.
func (c *Context) NewMemory(Precision) *Memory { return nil }

// Begin implements [pair.Sweeper].
func (m *Memory) Begin(*pair.Problem) (bool, error) { return false, nil }

// Parts implements [pair.Sweeper].
func (m *Memory) Parts() int { return 0 }

// Sweep implements [pair.Sweeper].
func (m *Memory) Sweep(*pair.Sweep, []pair.Sums) error { return ErrNotBuilt }

// Gradient implements [pair.Sweeper].
func (m *Memory) Gradient(_, _ []float32) error { return ErrNotBuilt }

// Close does nothing.
func (m *Memory) Close() error { return nil }

// Candidates finds nothing.
func (c *Context) Candidates(Rows, []float32, int) (lists []int32, first []int, err error) {
	return nil, nil, ErrNotBuilt
}
