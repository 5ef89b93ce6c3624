// Package ranks connects processes that train together, as MPI does: each process has a rank,
// and all call the same collective operations.
//
// [Comm] moves bytes. [Adder] sums numbers over the ranks with a Comm, in the order of the
// ranks: the same ranks give the same bytes, whatever carries them. [Local] runs ranks as
// goroutines without MPI, for tests, and to try a training on many ranks. Package trainer/mpi
// has a Comm over MPI.
package ranks

import (
	"fmt"
	"unsafe"
)

// Comm connects the ranks of one piece of work. All methods but Rank, Size and Abort are
// collective: every rank calls the same ones, in the same order, with the same lengths, and
// waits for the others. After an error no further call succeeds. One goroutine at a time may
// call it.
type Comm interface {
	Rank() int // of this process, from 0
	Size() int // number of ranks
	// Broadcast copies x of rank 0 to x of every rank.
	Broadcast(x []byte) error
	// AllGather stores the parts of all ranks in dst, in the order of the ranks. dst has Size
	// × len(part) bytes. part may be this rank's place in dst.
	AllGather(dst, part []byte) error
	// AllToAll sends block r of src to rank r, and stores what rank r sends as block r of dst.
	// dst and src have Size blocks of equal length, and must not overlap.
	AllToAll(dst, src []byte) error
	// Barrier returns when all ranks have called it. A rank may wait for hours, and uses no
	// processor time meanwhile; in the other methods it may.
	Barrier() error
	// Abort ends the work of all ranks, whatever they wait for. cause is the reason. Between
	// processes it ends this process, too, and does not return.
	Abort(cause error)
}

// Number is a type of number that ranks can sum.
type Number interface{ float32 | float64 }

// AllGather is Comm.AllGather for numbers. dst has Size × len(part) numbers.
func AllGather[T Number](c Comm, dst, part []T) error {
	return c.AllGather(bytesOf(dst), bytesOf(part))
}

// bytesOf is the storage of x.
func bytesOf[T Number](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}

// check returns an error where the lengths of a collective do not fit each other.
func check(what string, dst, part, size int) error {
	if dst != part*size {
		return fmt.Errorf("ranks: %s: %d bytes for %d ranks of %d: give as many for each", what, dst, size, part)
	}
	return nil
}
