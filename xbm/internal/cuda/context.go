//go:build nvidia

package cuda

import (
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"gorgonia.org/cu"
)

//go:embed kernel/kernels.ptx
var ptx string

// longest is how long a device may be silent: after that it counts as hung.
const longest = 2 * time.Minute

// Context is a device in use. Its methods may be called from any goroutine, one at a
// time: what is to be done together is done in one call of do.
type Context struct {
	info    Info
	device  cu.Device
	options Options
	patient time.Duration // see longest

	work chan func()

	mu   sync.Mutex
	lost error // why no more can be done

	// What follows belongs to the thread.
	module  cu.Module
	kernels map[string]cu.Function
	stream  cu.Stream
	arena   arena
	staging staging
	flight  []launched // kernels since the last wait
}

// Open begins to use device number n.
func Open(n int, o Options) (*Context, error) {
	devices, err := Devices()
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= len(devices) {
		return nil, fmt.Errorf("cuda:%d: there are %d devices, from cuda:0 on", n, len(devices))
	}
	if err := devices[n].usable(); err != nil {
		return nil, err
	}
	c := &Context{info: devices[n], device: cu.Device(n), options: o, patient: longest, work: make(chan func()), kernels: map[string]cu.Function{}}
	go c.serve()
	if err := c.do(c.begin); err != nil {
		close(c.work)
		return nil, fmt.Errorf("cuda:%d (%s): %w", n, c.info.Name, err)
	}
	return c, nil
}

// serve is the thread.
func (c *Context) serve() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for f := range c.work {
		f()
	}
}

// do calls f on the context's thread. After an error that the device does not recover
// from, and where it does not answer, it only tells of it.
func (c *Context) do(f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost != nil {
		return c.lost
	}
	done := make(chan error, 1)
	late := time.NewTimer(c.patient)
	defer late.Stop()
	c.work <- func() { done <- f() } // the thread is idle: nothing is under way
	select {
	case err := <-done:
		if isFatal(err) {
			err = fmt.Errorf("cuda:%d: %w: %w", c.info.Number, ErrLost, err)
			c.lost = err
		}
		return err
	case <-late.C:
		c.lost = fmt.Errorf("cuda:%d: %w: no answer in %v", c.info.Number, ErrLost, c.patient)
		return c.lost
	}
}

// isFatal reports whether nothing works after the error.
func isFatal(err error) bool {
	for _, fatal := range []error{
		cu.IllegalAddress, cu.LaunchTimeout, cu.LaunchFailed, cu.EccUncorrectable, cu.NvlinkUncorrectable, cu.HardwareStackError, cu.IllegalInstruction,
		cu.MisalignedAddress, cu.InvalidAddressSpace, cu.InvalidPc, cu.Assert, cu.ContextIsDestroyed, cu.Deinitialized, cu.Unknown,
	} {
		if errors.Is(err, fatal) {
			return true
		}
	}
	return false
}

func (c *Context) begin() error {
	context, err := c.device.RetainPrimaryCtx()
	if err != nil {
		return fmt.Errorf("take the context: %w", err)
	}
	if err := cu.SetCurrentContext(context); err != nil {
		return fmt.Errorf("take the context: %w", err)
	}
	if c.module, err = cu.LoadData(ptx); err != nil {
		return fmt.Errorf("load the kernels (driver %d.%d; 11.4 or later is needed): %w", cu.Version()/1000, cu.Version()%1000/10, err)
	}
	if c.stream, err = cu.MakeStream(cu.DefaultStream); err != nil {
		return fmt.Errorf("make a stream: %w", err)
	}
	free, _, err := cu.MemInfo()
	if err != nil {
		return fmt.Errorf("ask for free memory: %w", err)
	}
	c.arena.limit = free
	if c.options.Limit > 0 {
		c.arena.limit = min(free, c.options.Limit)
	}
	c.arena.apart = c.options.Debug
	return c.staging.begin()
}

// Info is the device.
func (c *Context) Info() Info { return c.info }

// Close gives the device back. It returns an error where work had failed.
func (c *Context) Close() error {
	err := c.do(func() error {
		return errors.Join(c.wait(), c.staging.end(), c.arena.end(), c.stream.Destroy(), c.module.Unload(), c.device.ReleasePrimaryCtx())
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost == nil {
		c.lost = errors.New("cuda: the context is closed")
		close(c.work)
	}
	return err
}
