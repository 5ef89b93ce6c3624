// Package ranks joins processes that do one piece of work together, as MPI does: each
// has a rank, and all take the same collective steps.
//
// [Comm] moves bytes and knows no numbers. Sums over ranks are [Adder]'s, on top of it,
// in the order of ranks: so the same ranks give the same bytes whatever carries them.
// [Local] makes ranks of goroutines, without any MPI: for tests, and to see what a
// training on many ranks would come to. MPI itself is in trainer/mpi.
package ranks

import (
	"fmt"
	"unsafe"
)

// Comm joins the ranks of one piece of work. All methods but Rank, Size and Abort are
// collective: every rank calls the same ones, in the same order, with the same lengths,
// and waits for the others. An error is final. One goroutine at a time may call it.
type Comm interface {
	Rank() int // of this process, from 0
	Size() int // number of ranks
	// Broadcast stores on every rank what rank 0 has in x.
	Broadcast(x []byte) error
	// AllGather stores the parts of all ranks in dst, in the order of ranks. dst is of
	// Size × len(part) bytes; part may be this rank's place in it.
	AllGather(dst, part []byte) error
	// AllToAll sends block r of src to rank r, and stores what rank r sends as block r of
	// dst. Both are of Size blocks of one length, and do not overlap.
	AllToAll(dst, src []byte) error
	// Barrier returns when all ranks have come to it. Unlike the others it may wait for
	// hours, and takes no processor meanwhile.
	Barrier() error
	// Abort ends the work of all ranks, whatever they wait for, because of cause. With
	// processes it does not return.
	Abort(cause error)
}

// Number is what ranks add up.
type Number interface{ float32 | float64 }

// AllGather is Comm.AllGather for numbers.
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
