// Package cuda drives NVIDIA's cards: device memory, copies, kernels.
//
// It is there under the build tag nvidia, on package gorgonia.org/cu; without the tag, Open
// says so. (The tag cuda would also build gorgonia's own engine, which takes libraries of
// CUDA that are no more.) make build-cuda makes the program: it needs no CUDA to be built,
// and starts where there is no driver, too, see driver/driver.c.
//
// A [Context] does everything on one thread, which the driver's context is bound to. Its
// device memory is an arena with a limit; what is copied goes through pinned memory, and
// has arrived after a wait. The context is the device's primary one, so that device
// addresses of other libraries in the process are valid in it.
//
// Kernels are in kernel/, in C++, and as PTX beside it, which is made by kernel/make and
// embedded. Tests run the same sources on the processor: fake/ is a driver that emulates
// the threads of a block, the tensor cores' products and the asynchronous copies.
//
// Package encoder, below, runs networks by [Context.Do].
//
// Sums are never taken by atomic additions of floats: the same input gives the same
// bytes.
//
// gorgonia.org/cu says of its execution.go and memory.go that they were partly copied from
// a package without a licence, and to assume terms like the GPL's for them: this holds for
// programs built with the tag, and for no others.
package cuda

import (
	"errors"
	"fmt"
)

// Info is a device.
type Info struct {
	Number       int
	Name         string
	Major, Minor int   // compute capability
	Memory       int64 // bytes in all
	Processors   int   // streaming multiprocessors
}

// leastMajor is the first number of the compute capability that kernels need: tensor
// cores with TF32 and BF16, and asynchronous copies.
const leastMajor = 8

// String is what a list of devices says of it.
func (i Info) String() string {
	s := fmt.Sprintf("cuda:%d  %s, compute capability %d.%d, %d multiprocessors, %.1f GiB", i.Number, i.Name, i.Major, i.Minor, i.Processors, float64(i.Memory)/(1<<30))
	if i.usable() != nil {
		s += fmt.Sprintf(": too old, %d.0 is needed", leastMajor)
	}
	return s
}

func (i Info) usable() error {
	if i.Major < leastMajor {
		return fmt.Errorf("cuda:%d (%s) has compute capability %d.%d: the kernels need %d.0 or later (Ampere, 2020): use --device cpu", i.Number, i.Name, i.Major, i.Minor, leastMajor)
	}
	return nil
}

// Precision is what products are taken in. Sums are always of float32.
type Precision string

// The precisions.
const (
	TF32 Precision = "tf32" // float32 rows, products of 11 bits
	BF16 Precision = "bf16" // rows and products of 8 bits, in half the room
	FP32 Precision = "fp32" // float32, each number as two of TF32
)

// Options are how a device is used. The zero value is right for most.
type Options struct {
	// Limit is the most device memory to take, in bytes. Default (0): what is free when the
	// context is made.
	Limit int64
	// Debug waits for each kernel after its launch, so that the one that fails is known.
	Debug bool
}

// Rows are rows that are searched in.
type Rows struct {
	Dim         int
	At          func(first, n int) []float32 // valid until the next call
	HalfSquares []float32                    // -‖row‖²/2; -Inf leaves a row out
	Longest     float64                      // the largest ‖row‖, or more
}

var (
	// ErrNotBuilt is why there is no device in a program without CUDA.
	ErrNotBuilt = errors.New("this program was built without CUDA: make build-cuda makes bin/xbm-cuda; or use --device cpu")
	// ErrMemory is what errors wrap that say how much memory was missing.
	ErrMemory = errors.New("not enough device memory")
	// ErrLost is what errors wrap after which a context can't be used any more.
	ErrLost = errors.New("the device is lost")
)
