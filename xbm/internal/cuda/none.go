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
