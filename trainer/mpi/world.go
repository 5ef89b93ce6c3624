//go:build mpi

package mpi

/*
#include <mpi.h>
#include <stdlib.h>
#include <time.h>

static MPI_Comm xbm_world;

static int xbm_init(int *rank, int *size, int *provided) {
	int err = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, provided);
	if (err == MPI_SUCCESS) err = MPI_Comm_dup(MPI_COMM_WORLD, &xbm_world);
	if (err == MPI_SUCCESS) err = MPI_Comm_set_errhandler(xbm_world, MPI_ERRORS_RETURN);
	if (err == MPI_SUCCESS) err = MPI_Comm_rank(xbm_world, rank);
	if (err == MPI_SUCCESS) err = MPI_Comm_size(xbm_world, size);
	return err;
}

static int xbm_bcast(void *x, int n) { return MPI_Bcast(x, n, MPI_BYTE, 0, xbm_world); }

// part is NULL where it is in its place in dst.
static int xbm_allgather(void *dst, void *part, int n) {
	return MPI_Allgather(part ? part : MPI_IN_PLACE, n, MPI_BYTE, dst, n, MPI_BYTE, xbm_world);
}

static int xbm_alltoall(void *dst, void *src, int n) {
	return MPI_Alltoall(src, n, MPI_BYTE, dst, n, MPI_BYTE, xbm_world);
}

// A barrier that sleeps: for a hundredth of how long it has waited, up to 20 ms.
static int xbm_barrier(void) {
	MPI_Request request;
	int done = 0, err = MPI_Ibarrier(xbm_world, &request);
	double began = MPI_Wtime();
	while (err == MPI_SUCCESS && !done) {
		err = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
		double waited = MPI_Wtime() - began;
		if (!done && waited > 1e-3) {
			double pause = waited / 100 < 0.02 ? waited / 100 : 0.02;
			struct timespec t = {0, (long)(pause * 1e9)};
			nanosleep(&t, NULL);
		}
	}
	return err;
}

static int xbm_error(int code, char *text) { int n = 0; return MPI_Error_string(code, text, &n); }
static void xbm_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }
static int xbm_finalize(void) { MPI_Comm_free(&xbm_world); return MPI_Finalize(); }
enum { xbm_text = MPI_MAX_ERROR_STRING };
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"crossbatch/trainer/ranks"
)

// Built tells whether the program is built with MPI.
const Built = true

// World is the [ranks.Comm] of all processes that a launcher has started together. A process
// can have one in its life. One thread makes all calls to MPI (MPI_THREAD_FUNNELED).
type World struct {
	rank, size int
	calls      chan func()
	closed     bool
}

var _ ranks.Comm = (*World)(nil)

// Open returns the world of this process. In a process that was started alone it returns nil
// and does not initialise MPI. Call Close at the end.
func Open() (*World, error) {
	if n, _ := Launched(); n == 1 {
		return nil, nil
	}
	// OpenMPI's handlers of signals would be in the way of Go's. A rank that waits lets
	// others have its processor: on a busy machine that halves the time of a step.
	for name, value := range map[string]string{"OMPI_MCA_opal_signal": "", "OMPI_MCA_mpi_yield_when_idle": "1"} {
		if _, set := os.LookupEnv(name); set {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("mpi: %w", err)
		}
	}
	w := &World{calls: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for call := range w.calls {
			call()
		}
	}()
	var rank, size, provided C.int
	if err := w.call("init", func() C.int { return C.xbm_init(&rank, &size, &provided) }); err != nil {
		return nil, err
	}
	w.rank, w.size = int(rank), int(size)
	if launched, by := Launched(); w.size != launched {
		return nil, errors.Join(fmt.Errorf("mpi: rank %d of %d, where %s is %d: start the program with the launcher of the MPI library that it is built with", w.rank, w.size, by, launched), w.Close())
	}
	if provided < C.MPI_THREAD_FUNNELED {
		return nil, errors.Join(errors.New("mpi: the library supports no threads (MPI_THREAD_FUNNELED): use another"), w.Close())
	}
	return w, nil
}

// Close waits for all ranks and finalises MPI. A second call does nothing. It may be called on
// nil.
func (w *World) Close() error {
	if w == nil || w.closed {
		return nil
	}
	w.closed = true
	err := w.Barrier()
	return errors.Join(err, w.call("finalize", func() C.int { return C.xbm_finalize() }))
}

// Rank implements ranks.Comm.
func (w *World) Rank() int { return w.rank }

// Size implements ranks.Comm.
func (w *World) Size() int { return w.size }

// most is how many bytes a message has at most: MPI counts them in 32 bits.
const most = 1 << 30

// Broadcast implements ranks.Comm.
func (w *World) Broadcast(x []byte) error {
	for len(x) > 0 {
		n := min(len(x), most)
		if err := w.call("broadcast", func() C.int { return C.xbm_bcast(start(x), C.int(n)) }); err != nil {
			return err
		}
		x = x[n:]
	}
	return nil
}

// AllGather implements ranks.Comm.
func (w *World) AllGather(dst, part []byte) error {
	if len(dst) != len(part)*w.size || len(part) > most {
		return fmt.Errorf("mpi: all-gather: %d bytes for %d ranks of %d: give as many for each, up to %d", len(dst), w.size, len(part), most)
	}
	if len(part) == 0 {
		return nil
	}
	from := start(part)
	if from == start(dst[w.rank*len(part):]) {
		from = nil
	}
	return w.call("all-gather", func() C.int { return C.xbm_allgather(start(dst), from, C.int(len(part))) })
}

// AllToAll implements ranks.Comm.
func (w *World) AllToAll(dst, src []byte) error {
	block := len(src) / w.size
	if len(dst) != len(src) || block*w.size != len(src) || block > most {
		return fmt.Errorf("mpi: all-to-all: %d bytes into %d for %d ranks: give as many, in equal blocks up to %d", len(src), len(dst), w.size, most)
	}
	if block == 0 {
		return nil
	}
	return w.call("all-to-all", func() C.int { return C.xbm_alltoall(start(dst), start(src), C.int(block)) })
}

// Barrier implements ranks.Comm.
func (w *World) Barrier() error { return w.call("barrier", func() C.int { return C.xbm_barrier() }) }

// Abort ends all ranks with exit code 1, this one among them. It does not return. MPI's
// thread may be waiting for another rank, so that it is another one that aborts.
func (w *World) Abort(error) {
	C.xbm_abort(1)
	os.Exit(1)
}

// call has MPI's thread call it.
func (w *World) call(what string, mpi func() C.int) (err error) {
	done := make(chan struct{})
	w.calls <- func() {
		defer close(done)
		if code := mpi(); code != C.MPI_SUCCESS {
			var text [C.xbm_text]C.char
			C.xbm_error(code, &text[0])
			err = fmt.Errorf("mpi: %s: %s", what, C.GoString(&text[0]))
		}
	}
	<-done
	return err
}

func start(x []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }
