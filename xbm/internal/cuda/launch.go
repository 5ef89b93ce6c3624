//go:build nvidia

package cuda

// #include <cuda.h>
import "C"

import (
	"fmt"
	"math"
	"unsafe"

	"gorgonia.org/cu"
)

// launched is a kernel that was launched.
type launched struct {
	kernel    string
	grid      [3]int
	arguments []uint64
}

func (l launched) shape() string {
	return fmt.Sprintf("%d×%d×%d blocks of %d threads, arguments %#x", l.grid[0], l.grid[1], l.grid[2], threads, l.arguments)
}

// kernelError is a kernel that failed.
type kernelError struct {
	kernel string
	shape  string // blocks, threads and arguments
	err    error
}

// Error implements error.
func (e *kernelError) Error() string {
	return fmt.Sprintf("kernel %s failed (%s): %v", e.kernel, e.shape, e.err)
}

// Unwrap is the driver's error.
func (e *kernelError) Unwrap() error { return e.err }

// most is how many of the kernels in flight an error names.
const most = 4

// launch has a kernel of kernel/ run, in blocks of threads, after what was given to do
// before. Arguments are buffers, ints and float64s. It needs the thread.
func (c *Context) launch(kernel string, grid [3]int, shared int, arguments ...any) error {
	f, err := c.function(kernel, shared)
	if err != nil {
		return err
	}
	l := launched{kernel, grid, make([]uint64, len(arguments))}
	parameters := make([]unsafe.Pointer, len(arguments))
	for i, a := range arguments {
		switch a := a.(type) {
		case *buffer:
			l.arguments[i] = a.address()
		case int:
			l.arguments[i] = uint64(a) //nolint:gosec // two's complement is what the kernel reads
		case float64:
			l.arguments[i] = math.Float64bits(a)
		default:
			return fmt.Errorf("kernel %s: argument %d is a %T", kernel, i, a)
		}
		parameters[i] = unsafe.Pointer(&l.arguments[i])
	}
	if len(c.flight) == most {
		c.flight = append(c.flight[:0], c.flight[1:]...)
	}
	c.flight = append(c.flight, l)
	if err := f.Launch(grid[0], grid[1], grid[2], threads, 1, 1, shared, c.stream, parameters); err != nil {
		return &kernelError{kernel, l.shape(), err}
	}
	if c.options.Debug {
		return c.wait()
	}
	return nil
}

// function is a kernel by name, allowed to take so much shared memory.
func (c *Context) function(name string, shared int) (cu.Function, error) {
	if f, ok := c.kernels[name]; ok {
		return f, nil
	}
	f, err := c.module.Function(name)
	if err != nil {
		return f, &kernelError{name, "to be loaded", err}
	}
	if shared > 48<<10 {
		// Not wrapped by cu: more than 48 KiB must be asked for.
		fn := *(*C.CUfunction)(unsafe.Pointer(&f))
		if code := C.cuFuncSetAttribute(fn, C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(shared)); code != C.CUDA_SUCCESS {
			return f, &kernelError{name, fmt.Sprintf("%d bytes of shared memory a block", shared), fmt.Errorf("the driver's error %d", int(code))}
		}
	}
	c.kernels[name] = f
	return f, nil
}

// wait waits until all is done, and what was downloaded has arrived. It needs the thread.
func (c *Context) wait() error {
	err := c.stream.Synchronize()
	if err != nil && len(c.flight) > 0 {
		last := c.flight[len(c.flight)-1]
		name := last.kernel
		if !c.options.Debug {
			for _, l := range c.flight[:len(c.flight)-1] {
				name += " or " + l.kernel
			}
		}
		err = &kernelError{name, last.shape(), err}
	}
	c.flight = c.flight[:0]
	if err != nil {
		return err
	}
	c.staging.arrive()
	return nil
}
